ALTER TABLE organizations ADD COLUMN email_change INTEGER NOT NULL DEFAULT 1;
ALTER TABLE organizations ADD COLUMN policy TEXT NOT NULL DEFAULT '{}'; -- JSON: what sessions may be
ALTER TABLE organizations ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN blocked_at INTEGER;

ALTER TABLE access_tokens ADD COLUMN modified_at INTEGER;
ALTER TABLE access_tokens ADD COLUMN last_used_at INTEGER;
ALTER TABLE access_tokens ADD COLUMN revoked_at INTEGER;
CREATE INDEX access_tokens_organization ON access_tokens (organization, created_at) WHERE revoked_at IS NULL;
UPDATE access_tokens SET scopes = scopes || ' customer_sessions:read organization_access_tokens:read organization_access_tokens:write webhooks:read webhooks:write'
    WHERE scopes = 'organizations:read organizations:write customers:read customers:write members:read members:write customer_sessions:write';

ALTER TABLE customers ADD COLUMN billing_name TEXT;
ALTER TABLE customers ADD COLUMN tax_id TEXT;                      -- JSON: value and format
ALTER TABLE customers ADD COLUMN search TEXT NOT NULL DEFAULT '';  -- email, name and billing name in lower case, a line each
ALTER TABLE customers ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
UPDATE customers SET search = coalesce(email_folded, '') || char(10) || lower(coalesce(name, '')) || char(10);
CREATE INDEX customers_list ON customers (organization, created_at, key) WHERE deleted_at IS NULL;

ALTER TABLE members ADD COLUMN organization INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN email_folded TEXT;
ALTER TABLE members ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
UPDATE members SET email_folded = lower(email), organization = (SELECT organization FROM customers WHERE customers.key = members.customer);
CREATE INDEX members_email ON members (organization, email_folded) WHERE deleted_at IS NULL;
CREATE INDEX members_list ON members (organization, created_at, key) WHERE deleted_at IS NULL;

-- A session of an older generation than one of those whom it stands for has ended. Rows arrive in the order of their keys,
-- and append; the first index does so for each organization.
ALTER TABLE sessions ADD COLUMN organization_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN customer_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN member_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN idle_timeout INTEGER NOT NULL DEFAULT 0; -- microseconds; 0: none
ALTER TABLE sessions ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;      -- 0: never
ALTER TABLE sessions ADD COLUMN creator INTEGER NOT NULL DEFAULT 0;      -- the access token; 0: whoever logged in
ALTER TABLE sessions ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';     -- JSON
ALTER TABLE sessions ADD COLUMN created_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN created_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN seen_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN seen_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN modified_at INTEGER;
ALTER TABLE sessions ADD COLUMN ended_at INTEGER;
ALTER TABLE sessions ADD COLUMN end_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_organization ON sessions (organization, key);
CREATE INDEX sessions_customer ON sessions (customer, key);

-- Of a create that may be repeated: the session that came of it.
CREATE TABLE idempotency_keys (
    organization INTEGER NOT NULL,
    name         BLOB    NOT NULL, -- the HMAC of the key
    session      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (organization, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE login_codes (
    hash         BLOB    PRIMARY KEY,
    organization INTEGER NOT NULL,
    email        TEXT    NOT NULL,
    email_folded TEXT    NOT NULL,
    customer     INTEGER NOT NULL, -- 0: whichever has the address
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_codes_expiry ON login_codes (expires_at);
CREATE INDEX login_codes_email ON login_codes (organization, email_folded);

CREATE TABLE email_updates (
    key        INTEGER PRIMARY KEY,
    customer   INTEGER NOT NULL REFERENCES customers (key),
    email      TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    secret     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX email_updates_customer ON email_updates (customer);

-- The revocation log. Rows are read in the order of seq, and none appears behind one that was read.
CREATE TABLE revocations (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    customer     INTEGER NOT NULL, -- 0: all of the organization
    member       INTEGER NOT NULL, -- 0: all of the customer
    session      INTEGER NOT NULL, -- 0: all of the holder
    generation   INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_organization ON revocations (organization, seq);
CREATE INDEX revocations_holder ON revocations (organization, customer, member, generation);
