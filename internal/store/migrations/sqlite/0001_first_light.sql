-- Times are microseconds since 1970, UTC. A key and a tail together are the UUID on the wire.

CREATE TABLE organizations (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    slug         TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    member_model INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE access_tokens (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    organization INTEGER NOT NULL REFERENCES organizations (key),
    scopes       TEXT    NOT NULL, -- separated by spaces
    comment      TEXT    NOT NULL,
    hash         BLOB    NOT NULL,
    secret       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER           -- NULL: never
) STRICT;

CREATE TABLE customers (
    key             INTEGER PRIMARY KEY,
    tail            INTEGER NOT NULL,
    organization    INTEGER NOT NULL REFERENCES organizations (key),
    type            TEXT    NOT NULL,
    external_id     TEXT,
    email           TEXT,
    email_folded    TEXT,              -- what makes an address unique, whatever its case
    email_verified  INTEGER NOT NULL,
    name            TEXT,
    billing_address TEXT,              -- JSON
    locale          TEXT,
    metadata        TEXT    NOT NULL,  -- JSON
    created_at      INTEGER NOT NULL,
    modified_at     INTEGER,
    deleted_at      INTEGER
) STRICT;

CREATE UNIQUE INDEX customers_email ON customers (organization, email_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX customers_external_id ON customers (organization, external_id) WHERE deleted_at IS NULL;

CREATE TABLE members (
    key         INTEGER PRIMARY KEY,
    tail        INTEGER NOT NULL,
    customer    INTEGER NOT NULL REFERENCES customers (key),
    email       TEXT,
    name        TEXT,
    external_id TEXT,
    role        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER,
    deleted_at  INTEGER
) STRICT;

CREATE INDEX members_customer ON members (customer, role) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX members_external_id ON members (customer, external_id) WHERE deleted_at IS NULL;

-- No second index: sessions are found by their key, and rows that arrive in the order of their keys append.
CREATE TABLE sessions (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    kind         TEXT    NOT NULL, -- the prefix of the token
    organization INTEGER NOT NULL,
    customer     INTEGER NOT NULL,
    member       INTEGER NOT NULL, -- 0: the customer itself
    hash         BLOB    NOT NULL,
    secret       INTEGER NOT NULL,
    return_url   TEXT    NOT NULL, -- empty: nowhere
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
