-- Conventions of all tables:
--   * Times are microseconds since 1970-01-01 UTC.
--   * key and tail together are the UUID that the API shows; other tables refer to the key alone.
--   * hash is the HMAC of a token; secret is the id of the server secret with which the HMAC was computed.
--   * Booleans are 0 or 1.

CREATE TABLE organizations (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    slug         TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    member_model INTEGER NOT NULL,              -- whether members hold the sessions, and not their customers
    created_at   INTEGER NOT NULL,
    email_change INTEGER NOT NULL DEFAULT 1,    -- whether customers may change their own email address
    policy       TEXT    NOT NULL DEFAULT '{}', -- JSON: limits and lifetimes of sessions
    generation   INTEGER NOT NULL DEFAULT 0,    -- incremented to end all sessions of the organization
    blocked_at   INTEGER,
    portal       TEXT    NOT NULL DEFAULT '{}', -- JSON: appearance and links of the customer portal
    pending_generation INTEGER NOT NULL DEFAULT 0 -- incremented to void all codes and links that are not used yet
) STRICT;

CREATE TABLE access_tokens (
    key             INTEGER PRIMARY KEY,
    tail            INTEGER NOT NULL,
    organization    INTEGER NOT NULL REFERENCES organizations (key),
    parent          INTEGER NOT NULL, -- key of the token that limits this one; 0: none
    creator         INTEGER NOT NULL, -- key of the token that created or rotated this one; 0: an operator with access to the store
    scopes          TEXT    NOT NULL, -- separated by spaces
    comment         TEXT    NOT NULL,
    hash            BLOB    NOT NULL,
    secret          INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER,          -- NULL: the token does not expire
    modified_at     INTEGER,
    last_used_at    INTEGER,
    revoked_at      INTEGER,
    sessions_end    TEXT    NOT NULL, -- why the sessions that the token created are being ended; empty: they are not
    sessions_end_at INTEGER NOT NULL  -- when the server began to end them; 0: it did not
) STRICT;

CREATE INDEX access_tokens_organization ON access_tokens (organization, created_at, key) WHERE revoked_at IS NULL;
CREATE INDEX access_tokens_expiry ON access_tokens (organization, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX access_tokens_revoked ON access_tokens (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX access_tokens_expired ON access_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX access_tokens_creator ON access_tokens (creator) WHERE creator <> 0;
CREATE INDEX access_tokens_sessions_end ON access_tokens (key) WHERE sessions_end <> '';

-- The sign-ins of operators. hash is the HMAC of the token in the operator's cookie. A row ends with its access token: it is deleted
-- when the access token is revoked or loses a scope.
CREATE TABLE operator_sessions (
    key           INTEGER PRIMARY KEY,
    tail          INTEGER NOT NULL,
    organization  INTEGER NOT NULL,
    access_token  INTEGER NOT NULL REFERENCES access_tokens (key),
    hash          BLOB    NOT NULL,
    secret        INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL, -- time of the last use, to the minute
    created_ip    TEXT    NOT NULL,
    created_agent TEXT    NOT NULL,
    seen_ip       TEXT    NOT NULL,
    seen_agent    TEXT    NOT NULL
) STRICT;

CREATE INDEX operator_sessions_organization ON operator_sessions (organization, key);
CREATE INDEX operator_sessions_access_token ON operator_sessions (access_token, key);

CREATE TABLE customers (
    key             INTEGER PRIMARY KEY,
    tail            INTEGER NOT NULL,
    organization    INTEGER NOT NULL REFERENCES organizations (key),
    type            TEXT    NOT NULL,            -- individual or team
    external_id     TEXT,
    email           TEXT,
    email_folded    TEXT,                        -- email with ASCII letters in lower case; unique within the organization
    email_verified  INTEGER NOT NULL,
    name            TEXT,
    billing_address TEXT,                        -- JSON
    locale          TEXT,
    metadata        TEXT    NOT NULL,            -- JSON
    created_at      INTEGER NOT NULL,
    modified_at     INTEGER,
    deleted_at      INTEGER,                     -- deleted customers keep their row
    billing_name    TEXT,
    tax_id          TEXT,                        -- JSON: value and format
    search          TEXT    NOT NULL DEFAULT '', -- email, name and billing name in lower case, one per line
    folded          TEXT    NOT NULL DEFAULT '', -- name, email, billing name and external id without case and accents, one per line
    generation      INTEGER NOT NULL DEFAULT 0, -- incremented to end all sessions of the customer and its members
    signed_in_at    INTEGER -- when the account first signed in on the portal; NULL: never
) STRICT;

CREATE UNIQUE INDEX customers_email ON customers (organization, email_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX customers_external_id ON customers (organization, external_id) WHERE deleted_at IS NULL;
CREATE INDEX customers_deleted ON customers (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX customers_ended ON customers (organization) WHERE (generation > 0 OR deleted_at IS NOT NULL);
CREATE INDEX customers_list ON customers (organization, created_at, key) WHERE deleted_at IS NULL;
CREATE INDEX customers_folded ON customers (organization, folded, key) WHERE deleted_at IS NULL; -- for searches and the order by name

-- The number of customers of each organization that are not deleted, so that a list need not count them. The number is split
-- into 64 parts as on PostgreSQL, where parts reduce lock contention. Triggers on customers keep the sum exact.
CREATE TABLE customer_counts (
    organization INTEGER NOT NULL,
    part         INTEGER NOT NULL, -- customers.key % 64
    n            INTEGER NOT NULL,
    PRIMARY KEY (organization, part)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER customers_counted AFTER INSERT ON customers WHEN NEW.deleted_at IS NULL BEGIN
    INSERT INTO customer_counts (organization, part, n) VALUES (NEW.organization, NEW.key % 64, 1)
        ON CONFLICT (organization, part) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER customers_recounted AFTER UPDATE OF deleted_at ON customers WHEN (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) BEGIN
    UPDATE customer_counts SET n = n + iif(NEW.deleted_at IS NULL, 1, -1) WHERE organization = NEW.organization AND part = NEW.key % 64;
END;

CREATE TRIGGER customers_discounted AFTER DELETE ON customers WHEN OLD.deleted_at IS NULL BEGIN
    UPDATE customer_counts SET n = n - 1 WHERE organization = OLD.organization AND part = OLD.key % 64;
END;

CREATE TABLE members (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    customer     INTEGER NOT NULL REFERENCES customers (key),
    email        TEXT,
    name         TEXT,
    external_id  TEXT,
    role         TEXT    NOT NULL,           -- owner, billing_manager or member
    created_at   INTEGER NOT NULL,
    modified_at  INTEGER,
    deleted_at   INTEGER,                    -- deleted members keep their row
    organization INTEGER NOT NULL DEFAULT 0, -- the customer's organization
    email_folded TEXT,                       -- email with ASCII letters in lower case
    generation   INTEGER NOT NULL DEFAULT 0, -- incremented to end all sessions of the member
    pending      INTEGER NOT NULL DEFAULT 0, -- whether the customer added the member, and the member has not accepted yet
    signed_in_at INTEGER -- when the account first signed in on the portal; NULL: never
) STRICT;

CREATE INDEX members_customer ON members (customer, role) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX members_external_id ON members (customer, external_id) WHERE deleted_at IS NULL;
CREATE INDEX members_email ON members (organization, email_folded) WHERE deleted_at IS NULL;
CREATE INDEX members_deleted ON members (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX members_all ON members (customer); -- includes deleted members
CREATE INDEX members_ended ON members (organization) WHERE (generation > 0 OR deleted_at IS NOT NULL);
CREATE INDEX members_list ON members (organization, created_at, key) WHERE deleted_at IS NULL;

-- A session is valid while each of its three generations equals the generation of its organization, customer and member.
-- Keys ascend over time, so inserts append to the table and to sessions_organization.
CREATE TABLE sessions (
    key                     INTEGER PRIMARY KEY,
    tail                    INTEGER NOT NULL,
    kind                    TEXT    NOT NULL, -- prefix of the bearer token
    organization            INTEGER NOT NULL,
    customer                INTEGER NOT NULL,
    member                  INTEGER NOT NULL, -- 0: the customer holds the session
    hash                    BLOB    NOT NULL,
    secret                  INTEGER NOT NULL,
    return_url              TEXT    NOT NULL, -- empty: no link back to the merchant
    created_at              INTEGER NOT NULL,
    expires_at              INTEGER NOT NULL,
    organization_generation INTEGER NOT NULL DEFAULT 0,
    customer_generation     INTEGER NOT NULL DEFAULT 0,
    member_generation       INTEGER NOT NULL DEFAULT 0,
    read_only               INTEGER NOT NULL DEFAULT 0,
    impersonated            INTEGER NOT NULL DEFAULT 0,    -- whether an operator uses the session; never changes
    idle_timeout            INTEGER NOT NULL DEFAULT 0,    -- microseconds; 0: no idle timeout
    seen_at                 INTEGER NOT NULL DEFAULT 0,    -- time of the last use; 0: never used
    creator                 INTEGER NOT NULL DEFAULT 0,    -- key of the access token; 0: the holder logged in
    metadata                TEXT    NOT NULL DEFAULT '{}', -- JSON
    created_ip              TEXT    NOT NULL DEFAULT '',
    created_agent           TEXT    NOT NULL DEFAULT '',
    seen_ip                 TEXT    NOT NULL DEFAULT '',   -- IP address and user agent of the last use
    seen_agent              TEXT    NOT NULL DEFAULT '',
    modified_at             INTEGER,
    ended_at                INTEGER,                       -- set if this session was ended individually
    end_reason              TEXT    NOT NULL DEFAULT '',
    proven_at               INTEGER NOT NULL DEFAULT 0     -- when the holder last proved that it reads its mailbox; 0: never
) STRICT;

CREATE INDEX sessions_organization ON sessions (organization, key);
CREATE INDEX sessions_customer ON sessions (customer, key);
CREATE INDEX sessions_creator ON sessions (creator, key) WHERE creator <> 0;
CREATE INDEX sessions_impersonated ON sessions (creator) WHERE impersonated;

-- The answers to POSTs with an Idempotency-Key header that created an object. A repeated request gets the same answer.
CREATE TABLE idempotency_keys (
    scope      INTEGER NOT NULL, -- key of the organization, customer or member that sent the request
    name       BLOB    NOT NULL, -- HMAC of the route and of the key that the client sent
    secret     INTEGER NOT NULL, -- id of the server secret that the encryption key is derived from
    answer     BLOB    NOT NULL, -- encrypted; only the same request with the same key opens it
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT;

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE login_codes (
    hash         BLOB    PRIMARY KEY,
    organization INTEGER NOT NULL,
    email        TEXT    NOT NULL,
    email_folded TEXT    NOT NULL, -- email with ASCII letters in lower case
    customer     INTEGER NOT NULL, -- 0: any customer with this address
    expires_at   INTEGER NOT NULL,
    counts_until INTEGER NOT NULL, -- until then, the code counts toward the maximum; a mail that was not accepted yet has a short time
    pending_generation INTEGER NOT NULL -- the organization's when the code was created
) STRICT, WITHOUT ROWID;

CREATE INDEX login_codes_expiry ON login_codes (expires_at);
CREATE INDEX login_codes_email ON login_codes (organization, email_folded);

-- Codes that were sent to the address of a session's holder, so that the holder can prove again that it reads its mailbox.
CREATE TABLE session_proofs (
    session            INTEGER NOT NULL,
    hash               BLOB    NOT NULL,
    organization       INTEGER NOT NULL,
    email              TEXT    NOT NULL, -- the address to which the code was sent
    wrong              INTEGER NOT NULL, -- number of wrong codes that were entered since
    expires_at         INTEGER NOT NULL,
    counts_until       INTEGER NOT NULL, -- until then, the code counts toward the maximum; a mail that was not accepted yet has a short time
    pending_generation INTEGER NOT NULL, -- the organization's when the code was created
    PRIMARY KEY (session, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_proofs_expiry ON session_proofs (expires_at);

-- Requested changes of a customer's email address that are not confirmed yet. hash is the HMAC of the token in the confirmation
-- link.
CREATE TABLE email_updates (
    key        INTEGER PRIMARY KEY,
    customer   INTEGER NOT NULL REFERENCES customers (key),
    email      TEXT    NOT NULL, -- the new address
    hash       BLOB    NOT NULL,
    secret     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    pending_generation INTEGER NOT NULL -- the organization's when the update was requested
) STRICT;

CREATE INDEX email_updates_customer ON email_updates (customer);

-- The revocation log. Readers follow it in the order of seq, and a new row never has a lower seq than a row that
-- was already read.
CREATE TABLE revocations (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    customer     INTEGER NOT NULL, -- 0: all sessions of the organization
    member       INTEGER NOT NULL, -- 0: all sessions of the customer
    session      INTEGER NOT NULL, -- 0: all sessions of the holder
    generation   INTEGER NOT NULL, -- sessions of a lower generation have ended
    reason       TEXT    NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_organization ON revocations (organization, seq);
CREATE INDEX revocations_holder ON revocations (organization, customer, member, generation);

-- How often something happened with the sessions of an organization in a minute or an hour. Each process adds its counts, so a row has
-- the counts of all processes.
CREATE TABLE activity (
    organization INTEGER NOT NULL, -- 0: refused tokens, whose organization is not known
    span         INTEGER NOT NULL, -- length in minutes: 1 or 60
    at           INTEGER NOT NULL, -- start
    expires_at   INTEGER NOT NULL,
    created      INTEGER NOT NULL, -- new sessions
    logged_in    INTEGER NOT NULL, -- new sessions of holders who logged in
    verified     INTEGER NOT NULL, -- accepted tokens
    ended        INTEGER NOT NULL, -- rows of the revocation log
    refused      INTEGER NOT NULL, -- refused tokens
    PRIMARY KEY (organization, span, at)
) STRICT;

CREATE INDEX activity_expiry ON activity (expires_at);

-- Mails that could not be sent, for the operators. Each organization has at most 1,000 rows.
CREATE TABLE failed_mails (
    key          INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL, -- such as "login code"
    email        TEXT    NOT NULL, -- the recipient
    error        TEXT    NOT NULL, -- why the last attempt failed
    attempts     INTEGER NOT NULL
) STRICT;

CREATE INDEX failed_mails_organization ON failed_mails (organization, key);

-- The URLs to which an organization's events are sent.
CREATE TABLE webhook_endpoints (
    key           INTEGER PRIMARY KEY,
    tail          INTEGER NOT NULL,
    organization  INTEGER NOT NULL REFERENCES organizations (key),
    url           TEXT    NOT NULL,
    name          TEXT,
    events        TEXT    NOT NULL, -- subscribed event types, separated by spaces
    secret        TEXT    NOT NULL, -- signing key in clear text, because signing needs the key itself
    old_secret    TEXT    NOT NULL, -- previous signing key, used in addition until old_until; empty: none
    old_until     INTEGER NOT NULL,
    enabled       INTEGER NOT NULL,
    failing_at    INTEGER,          -- when a delivery was given up; NULL: the endpoint works
    created_at    INTEGER NOT NULL,
    modified_at   INTEGER
) STRICT;

CREATE INDEX webhook_endpoints_organization ON webhook_endpoints (organization, key);

-- Events in the form in which they are sent. An event is inserted in the transaction that causes it, and only if an enabled
-- endpoint subscribes to its type.
CREATE TABLE webhook_events (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    organization INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    body         TEXT    NOT NULL, -- JSON
    at           INTEGER NOT NULL
) STRICT;

-- One row for each event and endpoint. Deliveries with the same endpoint and subject are sent in the order of seq.
CREATE TABLE webhook_deliveries (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tail        INTEGER NOT NULL,
    event       INTEGER NOT NULL,
    endpoint    INTEGER NOT NULL,
    subject     INTEGER NOT NULL, -- key of the session, or of the event if the event concerns no session
    state       TEXT    NOT NULL, -- pending, succeeded or failed
    attempts    INTEGER NOT NULL,
    first_at    INTEGER NOT NULL, -- when the first attempt was due
    next_at     INTEGER NOT NULL, -- when the next attempt is due
    http_code   INTEGER NOT NULL, -- status of the last response; 0: no response
    error       TEXT    NOT NULL, -- why the last attempt failed, such as timeout or connection; empty: it did not fail
    created_at  INTEGER NOT NULL,
    modified_at INTEGER
) STRICT;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint, subject, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint, seq);

-- Sessions for whose first use and end events must be sent to webhook endpoints. The transaction that writes the event of the end
-- deletes the row or sets ended, so each end has one event.
CREATE TABLE webhook_watches (
    session      INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL,
    customer     INTEGER NOT NULL,
    member       INTEGER NOT NULL, -- 0: the customer holds the session
    used         INTEGER NOT NULL, -- whether the event of the first use was sent, or the first use was before the watch began
    ended        INTEGER NOT NULL DEFAULT 0, -- the event of the end was sent; the row waits for a first use that is not stored yet
    due_at       INTEGER NOT NULL  -- when to check whether the session has ended, or to delete the row of an ended session
) STRICT;

CREATE INDEX webhook_watches_due ON webhook_watches (due_at);
CREATE INDEX webhook_watches_holder ON webhook_watches (organization, customer, member);

-- One-time links: the bearer token of a session, encrypted with a key that only the ticket in the link contains.
CREATE TABLE tickets (
    key        INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL, -- HMAC of the ticket
    secret     INTEGER NOT NULL,
    sealed     BLOB    NOT NULL, -- the encrypted bearer token
    expires_at INTEGER NOT NULL,
    organization       INTEGER NOT NULL,
    pending_generation INTEGER NOT NULL -- the organization's when the ticket was created
) STRICT;

-- The audit log. An entry is inserted in the transaction of the change that it describes, without seq and hash. Later, one process at
-- a time chains the committed entries: it sets seq and hash. The triggers below refuse any other change of an entry.
CREATE TABLE audit_log (
    key               INTEGER PRIMARY KEY,
    tail              INTEGER NOT NULL,
    seq               INTEGER,          -- position in the chain; NULL: not chained yet
    hash              TEXT,             -- SHA-256 of the previous hash and this entry, in hexadecimal
    organization      INTEGER NOT NULL, -- 0: the entry concerns the whole server
    organization_tail INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    action            TEXT NOT NULL,
    outcome           TEXT    NOT NULL, -- succeeded or refused
    actor_kind        TEXT    NOT NULL,
    actor             INTEGER NOT NULL, -- key of an access token, a customer or a member; 0: an actor without an id
    actor_tail        INTEGER NOT NULL,
    session           INTEGER NOT NULL, -- the actor's session; 0: none
    session_tail      INTEGER NOT NULL,
    actor_name        TEXT    NOT NULL, -- user of the operating system, on the command line
    ip                TEXT    NOT NULL,
    agent             TEXT    NOT NULL,
    target_kind       TEXT    NOT NULL,
    target            INTEGER NOT NULL,
    target_tail       INTEGER NOT NULL,
    customer          INTEGER NOT NULL, -- whose account was changed; 0: none
    customer_tail     INTEGER NOT NULL,
    member            INTEGER NOT NULL,
    member_tail       INTEGER NOT NULL,
    details           TEXT    NOT NULL  -- JSON
) STRICT;

CREATE INDEX audit_log_organization ON audit_log (organization, key);
CREATE UNIQUE INDEX audit_log_chain ON audit_log (seq);
CREATE INDEX audit_log_unchained ON audit_log (key) WHERE seq IS NULL;

-- One row: the start of the chain, which the retention moves, and its last entry.
CREATE TABLE audit_chain (
    start_seq  INTEGER NOT NULL,
    start_hash TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    hash       TEXT    NOT NULL
) STRICT;

INSERT INTO audit_chain (start_seq, start_hash, seq, hash) VALUES (0, '', 0, '');

CREATE TRIGGER audit_log_unchanged BEFORE UPDATE OF key, tail, organization, organization_tail, created_at, action, outcome, actor_kind, actor, actor_tail, session, session_tail,
    actor_name, ip, agent, target_kind, target, target_tail, customer, customer_tail, member, member_tail, details ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log cannot be changed');
END;

CREATE TRIGGER audit_log_chained BEFORE UPDATE ON audit_log WHEN OLD.seq IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log cannot be changed');
END;

CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log WHEN OLD.seq IS NULL OR OLD.seq > (SELECT start_seq FROM audit_chain)
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log cannot be deleted, except at the start of the chain');
END;
