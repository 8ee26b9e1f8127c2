-- Times are microseconds since 1970, UTC. A key and a tail together are the UUID on the wire. Text is ordered by its bytes,
-- as SQLite does it.

CREATE TABLE organizations (
    key          BIGINT  PRIMARY KEY,
    tail         BIGINT  NOT NULL,
    slug         TEXT    COLLATE "C" NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    member_model BOOLEAN NOT NULL,
    email_change BOOLEAN NOT NULL,
    policy       TEXT    NOT NULL, -- JSON: what sessions may be
    generation   BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    blocked_at   BIGINT
);

CREATE TABLE access_tokens (
    key          BIGINT PRIMARY KEY,
    tail         BIGINT NOT NULL,
    organization BIGINT NOT NULL REFERENCES organizations (key),
    scopes       TEXT   NOT NULL, -- separated by spaces
    comment      TEXT   COLLATE "C" NOT NULL,
    hash         BYTEA  NOT NULL,
    secret       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,          -- NULL: never
    modified_at  BIGINT,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

CREATE INDEX access_tokens_organization ON access_tokens (organization, created_at) WHERE revoked_at IS NULL;

CREATE TABLE customers (
    key             BIGINT  PRIMARY KEY,
    tail            BIGINT  NOT NULL,
    organization    BIGINT  NOT NULL REFERENCES organizations (key),
    type            TEXT    NOT NULL,
    external_id     TEXT    COLLATE "C",
    email           TEXT    COLLATE "C",
    email_folded    TEXT    COLLATE "C",          -- what makes an address unique, whatever its case
    email_verified  BOOLEAN NOT NULL,
    name            TEXT    COLLATE "C",
    billing_name    TEXT    COLLATE "C",
    billing_address TEXT,                         -- JSON
    tax_id          TEXT,                         -- JSON: value and format
    locale          TEXT,
    metadata        TEXT    NOT NULL,             -- JSON
    search          TEXT    COLLATE "C" NOT NULL, -- email, name and billing name in lower case, a line each
    generation      BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    modified_at     BIGINT,
    deleted_at      BIGINT
);

CREATE UNIQUE INDEX customers_email ON customers (organization, email_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX customers_external_id ON customers (organization, external_id) WHERE deleted_at IS NULL;
CREATE INDEX customers_list ON customers (organization, created_at, key) WHERE deleted_at IS NULL;

CREATE TABLE members (
    key          BIGINT PRIMARY KEY,
    tail         BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    customer     BIGINT NOT NULL REFERENCES customers (key),
    email        TEXT   COLLATE "C",
    email_folded TEXT   COLLATE "C",
    name         TEXT   COLLATE "C",
    external_id  TEXT   COLLATE "C",
    role         TEXT   NOT NULL,
    generation   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    modified_at  BIGINT,
    deleted_at   BIGINT
);

CREATE INDEX members_customer ON members (customer, role) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX members_external_id ON members (customer, external_id) WHERE deleted_at IS NULL;
CREATE INDEX members_email ON members (organization, email_folded) WHERE deleted_at IS NULL;
CREATE INDEX members_list ON members (organization, created_at, key) WHERE deleted_at IS NULL;

-- A session of an older generation than one of those whom it stands for has ended. Rows arrive in the order of their keys,
-- and append; the second index does so for each organization.
CREATE TABLE sessions (
    key                     BIGINT  PRIMARY KEY,
    tail                    BIGINT  NOT NULL,
    kind                    TEXT    NOT NULL, -- the prefix of the token
    organization            BIGINT  NOT NULL,
    customer                BIGINT  NOT NULL,
    member                  BIGINT  NOT NULL, -- 0: the customer itself
    organization_generation BIGINT  NOT NULL,
    customer_generation     BIGINT  NOT NULL,
    member_generation       BIGINT  NOT NULL,
    hash                    BYTEA   NOT NULL,
    secret                  BIGINT  NOT NULL,
    return_url              TEXT    NOT NULL, -- empty: nowhere
    read_only               BOOLEAN NOT NULL,
    idle_timeout            BIGINT  NOT NULL, -- microseconds; 0: none
    created_at              BIGINT  NOT NULL,
    expires_at              BIGINT  NOT NULL,
    seen_at                 BIGINT  NOT NULL, -- 0: never
    creator                 BIGINT  NOT NULL, -- the access token; 0: whoever logged in
    metadata                TEXT    NOT NULL, -- JSON
    created_ip              TEXT    NOT NULL,
    created_agent           TEXT    NOT NULL,
    seen_ip                 TEXT    NOT NULL,
    seen_agent              TEXT    NOT NULL,
    modified_at             BIGINT,
    ended_at                BIGINT,
    end_reason              TEXT    NOT NULL
);

CREATE INDEX sessions_organization ON sessions (organization, key);
CREATE INDEX sessions_customer ON sessions (customer, key);

-- Of a create that may be repeated: the session that came of it.
CREATE TABLE idempotency_keys (
    organization BIGINT NOT NULL,
    name         BYTEA  NOT NULL, -- the HMAC of the key
    session      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (organization, name)
);

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE login_codes (
    hash         BYTEA  PRIMARY KEY,
    organization BIGINT NOT NULL,
    email        TEXT   NOT NULL,
    email_folded TEXT   COLLATE "C" NOT NULL,
    customer     BIGINT NOT NULL, -- 0: whichever has the address
    expires_at   BIGINT NOT NULL
);

CREATE INDEX login_codes_expiry ON login_codes (expires_at);
CREATE INDEX login_codes_email ON login_codes (organization, email_folded);

CREATE TABLE email_updates (
    key        BIGINT PRIMARY KEY,
    customer   BIGINT NOT NULL REFERENCES customers (key),
    email      TEXT   NOT NULL,
    hash       BYTEA  NOT NULL,
    secret     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX email_updates_customer ON email_updates (customer);

-- The revocation log. Rows are read in the order of seq, and none appears behind one that was read: whoever writes one holds
-- a lock from before the number is drawn until the commit.
CREATE TABLE revocations (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization BIGINT NOT NULL,
    customer     BIGINT NOT NULL, -- 0: all of the organization
    member       BIGINT NOT NULL, -- 0: all of the customer
    session      BIGINT NOT NULL, -- 0: all of the holder
    generation   BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    at           BIGINT NOT NULL
);

CREATE INDEX revocations_organization ON revocations (organization, seq);
CREATE INDEX revocations_holder ON revocations (organization, customer, member, generation);
