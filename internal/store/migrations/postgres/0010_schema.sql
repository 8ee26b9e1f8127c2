-- Conventions of all tables:
--   * Times are microseconds since 1970-01-01 UTC.
--   * key and tail together are the UUID that the API shows; other tables refer to the key alone.
--   * hash is the HMAC of a token; secret is the id of the server secret with which the HMAC was computed.
--   * COLLATE "C" compares text by its bytes, as SQLite does.

CREATE TABLE organizations (
    key          BIGINT  PRIMARY KEY,
    tail         BIGINT  NOT NULL,
    slug         TEXT    COLLATE "C" NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    member_model BOOLEAN NOT NULL,             -- whether members hold the sessions, and not their customers
    email_change BOOLEAN NOT NULL,             -- whether customers may change their own email address
    policy       TEXT    NOT NULL,             -- JSON: limits and lifetimes of sessions
    generation   BIGINT  NOT NULL,             -- incremented to end all sessions of the organization
    created_at   BIGINT  NOT NULL,
    blocked_at   BIGINT,
    portal       TEXT    NOT NULL DEFAULT '{}', -- JSON: appearance and links of the customer portal
    pending_generation BIGINT NOT NULL DEFAULT 0 -- incremented to void all codes and links that are not used yet
);

CREATE TABLE access_tokens (
    key             BIGINT  PRIMARY KEY,
    tail            BIGINT  NOT NULL,
    organization    BIGINT  NOT NULL REFERENCES organizations (key),
    parent          BIGINT  NOT NULL, -- key of the token that limits this one; 0: none
    creator         BIGINT  NOT NULL, -- key of the token that created or rotated this one; 0: an operator with access to the store
    scopes          TEXT    NOT NULL, -- separated by spaces
    comment         TEXT    COLLATE "C" NOT NULL,
    hash            BYTEA   NOT NULL,
    secret          BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT ,          -- NULL: the token does not expire
    modified_at     BIGINT ,
    last_used_at    BIGINT ,
    revoked_at      BIGINT ,
    sessions_end    TEXT    NOT NULL, -- why the sessions that the token created are being ended; empty: they are not
    sessions_end_at BIGINT  NOT NULL  -- when the server began to end them; 0: it did not
);

CREATE INDEX access_tokens_organization ON access_tokens (organization, created_at, key) WHERE revoked_at IS NULL;
CREATE INDEX access_tokens_expiry ON access_tokens (organization, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX access_tokens_revoked ON access_tokens (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX access_tokens_expired ON access_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX access_tokens_creator ON access_tokens (creator) WHERE creator <> 0;
CREATE INDEX access_tokens_sessions_end ON access_tokens (key) WHERE sessions_end <> '';

-- The sign-ins of operators. hash is the HMAC of the token in the operator's cookie. A row ends with its access token: it is deleted
-- when the access token is revoked or loses a scope.
CREATE TABLE operator_sessions (
    key           BIGINT  PRIMARY KEY,
    tail          BIGINT  NOT NULL,
    organization  BIGINT  NOT NULL,
    access_token  BIGINT  NOT NULL REFERENCES access_tokens (key),
    hash          BYTEA   NOT NULL,
    secret        BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    expires_at    BIGINT  NOT NULL,
    seen_at       BIGINT  NOT NULL, -- time of the last use, to the minute
    created_ip    TEXT    NOT NULL,
    created_agent TEXT    NOT NULL,
    seen_ip       TEXT    NOT NULL,
    seen_agent    TEXT    NOT NULL
);

CREATE INDEX operator_sessions_organization ON operator_sessions (organization, key);
CREATE INDEX operator_sessions_access_token ON operator_sessions (access_token, key);

CREATE TABLE customers (
    key             BIGINT  PRIMARY KEY,
    tail            BIGINT  NOT NULL,
    organization    BIGINT  NOT NULL REFERENCES organizations (key),
    type            TEXT    NOT NULL,             -- individual or team
    external_id     TEXT    COLLATE "C",
    email           TEXT    COLLATE "C",
    email_folded    TEXT    COLLATE "C",          -- email with ASCII letters in lower case; unique within the organization
    email_verified  BOOLEAN NOT NULL,
    name            TEXT    COLLATE "C",
    billing_name    TEXT    COLLATE "C",
    billing_address TEXT,                         -- JSON
    tax_id          TEXT,                         -- JSON: value and format
    locale          TEXT,
    metadata        TEXT    NOT NULL,             -- JSON
    search          TEXT    COLLATE "C" NOT NULL, -- email, name and billing name in lower case, one per line
    folded          TEXT    COLLATE "C" NOT NULL DEFAULT '', -- name, email, billing name and external id without case and accents, one per line
    generation      BIGINT  NOT NULL,             -- incremented to end all sessions of the customer and its members
    created_at      BIGINT  NOT NULL,
    modified_at     BIGINT,
    deleted_at      BIGINT, -- deleted customers keep their row
    signed_in_at    BIGINT -- when the account first signed in on the portal; NULL: never
);

CREATE UNIQUE INDEX customers_email ON customers (organization, email_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX customers_external_id ON customers (organization, external_id) WHERE deleted_at IS NULL;
CREATE INDEX customers_deleted ON customers (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX customers_ended ON customers (organization) WHERE (generation > 0 OR deleted_at IS NOT NULL);
CREATE INDEX customers_list ON customers (organization, created_at, key) WHERE deleted_at IS NULL;
CREATE INDEX customers_folded ON customers (organization, folded, key) WHERE deleted_at IS NULL; -- for searches and the order by name

-- The number of customers of each organization that are not deleted, so that a list need not count them. The number is split
-- into 64 parts, so that transactions that create customers at the same time rarely wait for each other's row lock. Triggers
-- on customers keep the sum exact.
CREATE TABLE customer_counts (
    organization BIGINT NOT NULL,
    part         BIGINT NOT NULL, -- customers.key % 64
    n            BIGINT NOT NULL,
    PRIMARY KEY (organization, part)
) WITH (fillfactor = 50); -- free space in each page, so that an updated row stays in its page

CREATE FUNCTION count_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.deleted_at IS NULL THEN
        UPDATE customer_counts SET n = n - 1 WHERE organization = OLD.organization AND part = OLD.key % 64;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.deleted_at IS NULL THEN
        INSERT INTO customer_counts AS c (organization, part, n) VALUES (NEW.organization, NEW.key % 64, 1)
            ON CONFLICT (organization, part) DO UPDATE SET n = c.n + 1;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER customers_counted AFTER INSERT OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION count_customer();
CREATE TRIGGER customers_recounted AFTER UPDATE ON customers FOR EACH ROW
    WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION count_customer();

CREATE TABLE members (
    key          BIGINT PRIMARY KEY,
    tail         BIGINT NOT NULL,
    organization BIGINT NOT NULL,             -- the customer's organization
    customer     BIGINT NOT NULL REFERENCES customers (key),
    email        TEXT   COLLATE "C",
    email_folded TEXT   COLLATE "C",          -- email with ASCII letters in lower case
    name         TEXT   COLLATE "C",
    external_id  TEXT   COLLATE "C",
    role         TEXT   NOT NULL,             -- owner, billing_manager or member
    generation   BIGINT NOT NULL,             -- incremented to end all sessions of the member
    created_at   BIGINT NOT NULL,
    modified_at  BIGINT,
    deleted_at   BIGINT,                      -- deleted members keep their row
    pending      BOOLEAN NOT NULL DEFAULT false, -- whether the customer added the member, and the member has not accepted yet
    signed_in_at BIGINT -- when the account first signed in on the portal; NULL: never
);

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
    key                     BIGINT  PRIMARY KEY,
    tail                    BIGINT  NOT NULL,
    kind                    TEXT    NOT NULL, -- prefix of the bearer token
    organization            BIGINT  NOT NULL,
    customer                BIGINT  NOT NULL,
    member                  BIGINT  NOT NULL, -- 0: the customer holds the session
    organization_generation BIGINT  NOT NULL,
    customer_generation     BIGINT  NOT NULL,
    member_generation       BIGINT  NOT NULL,
    hash                    BYTEA   NOT NULL,
    secret                  BIGINT  NOT NULL,
    return_url              TEXT    NOT NULL, -- empty: no link back to the merchant
    read_only               BOOLEAN NOT NULL,
    impersonated            BOOLEAN NOT NULL, -- whether an operator uses the session; never changes
    idle_timeout            BIGINT  NOT NULL, -- microseconds; 0: no idle timeout
    created_at              BIGINT  NOT NULL,
    expires_at              BIGINT  NOT NULL,
    seen_at                 BIGINT  NOT NULL, -- time of the last use; 0: never used
    creator                 BIGINT  NOT NULL, -- key of the access token; 0: the holder logged in
    metadata                TEXT    NOT NULL, -- JSON
    created_ip              TEXT    NOT NULL,
    created_agent           TEXT    NOT NULL,
    seen_ip                 TEXT    NOT NULL, -- IP address and user agent of the last use
    seen_agent              TEXT    NOT NULL,
    modified_at             BIGINT,
    ended_at                BIGINT,           -- set if this session was ended individually
    end_reason              TEXT    NOT NULL,
    proven_at               BIGINT  NOT NULL DEFAULT 0 -- when the holder last proved that it reads its mailbox; 0: never
);

CREATE INDEX sessions_organization ON sessions (organization, key);
CREATE INDEX sessions_customer ON sessions (customer, key);
CREATE INDEX sessions_creator ON sessions (creator, key) WHERE creator <> 0;
CREATE INDEX sessions_impersonated ON sessions (creator) WHERE impersonated;

-- The answers to POSTs with an Idempotency-Key header that created an object. A repeated request gets the same answer.
CREATE TABLE idempotency_keys (
    scope      BIGINT NOT NULL, -- key of the organization, customer or member that sent the request
    name       BYTEA  NOT NULL, -- HMAC of the route and of the key that the client sent
    secret     BIGINT NOT NULL, -- id of the server secret that the encryption key is derived from
    answer     BYTEA  NOT NULL, -- encrypted; only the same request with the same key opens it
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (scope, name)
);

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

CREATE TABLE login_codes (
    hash         BYTEA  PRIMARY KEY,
    organization BIGINT NOT NULL,
    email        TEXT   NOT NULL,
    email_folded TEXT   COLLATE "C" NOT NULL, -- email with ASCII letters in lower case
    customer     BIGINT NOT NULL, -- 0: any customer with this address
    expires_at   BIGINT NOT NULL,
    counts_until BIGINT NOT NULL, -- until then, the code counts toward the maximum; a mail that was not accepted yet has a short time
    pending_generation BIGINT NOT NULL -- the organization's when the code was created
);

CREATE INDEX login_codes_expiry ON login_codes (expires_at);
CREATE INDEX login_codes_email ON login_codes (organization, email_folded);

-- Codes that were sent to the address of a session's holder, so that the holder can prove again that it reads its mailbox.
CREATE TABLE session_proofs (
    session            BIGINT NOT NULL,
    hash               BYTEA  NOT NULL,
    organization       BIGINT NOT NULL,
    email              TEXT   NOT NULL, -- the address to which the code was sent
    wrong              BIGINT NOT NULL, -- number of wrong codes that were entered since
    expires_at         BIGINT NOT NULL,
    counts_until       BIGINT NOT NULL, -- until then, the code counts toward the maximum; a mail that was not accepted yet has a short time
    pending_generation BIGINT NOT NULL, -- the organization's when the code was created
    PRIMARY KEY (session, hash)
);

CREATE INDEX session_proofs_expiry ON session_proofs (expires_at);

-- Requested changes of a customer's email address that are not confirmed yet. hash is the HMAC of the token in the confirmation
-- link.
CREATE TABLE email_updates (
    key        BIGINT PRIMARY KEY,
    customer   BIGINT NOT NULL REFERENCES customers (key),
    email      TEXT   NOT NULL, -- the new address
    hash       BYTEA  NOT NULL,
    secret     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    pending_generation BIGINT NOT NULL -- the organization's when the update was requested
);

CREATE INDEX email_updates_customer ON email_updates (customer);

-- The revocation log. Readers follow it in the order of seq, and a new row never has a lower seq than a row that was already
-- read. To ensure this, a transaction that inserts a row takes an advisory lock before seq is assigned and holds the lock until
-- the commit.
CREATE TABLE revocations (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization BIGINT NOT NULL,
    customer     BIGINT NOT NULL, -- 0: all sessions of the organization
    member       BIGINT NOT NULL, -- 0: all sessions of the customer
    session      BIGINT NOT NULL, -- 0: all sessions of the holder
    generation   BIGINT NOT NULL, -- sessions of a lower generation have ended
    reason       TEXT   NOT NULL,
    at           BIGINT NOT NULL
);

CREATE INDEX revocations_organization ON revocations (organization, seq);
CREATE INDEX revocations_holder ON revocations (organization, customer, member, generation);

-- How often something happened with the sessions of an organization in a minute or an hour. Each process adds its counts, so a row has
-- the counts of all processes.
CREATE TABLE activity (
    organization BIGINT NOT NULL, -- 0: refused tokens, whose organization is not known
    span         BIGINT NOT NULL, -- length in minutes: 1 or 60
    at           BIGINT NOT NULL, -- start
    expires_at   BIGINT NOT NULL,
    created      BIGINT NOT NULL, -- new sessions
    logged_in    BIGINT NOT NULL, -- new sessions of holders who logged in
    verified     BIGINT NOT NULL, -- accepted tokens
    ended        BIGINT NOT NULL, -- rows of the revocation log
    refused      BIGINT NOT NULL, -- refused tokens
    PRIMARY KEY (organization, span, at)
);

CREATE INDEX activity_expiry ON activity (expires_at);

-- Mails that could not be sent, for the operators. Each organization has at most 1,000 rows.
CREATE TABLE failed_mails (
    key          BIGINT PRIMARY KEY,
    organization BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- such as "login code"
    email        TEXT   NOT NULL, -- the recipient
    error        TEXT   NOT NULL, -- why the last attempt failed
    attempts     BIGINT NOT NULL
);

CREATE INDEX failed_mails_organization ON failed_mails (organization, key);

-- The URLs to which an organization's events are sent.
CREATE TABLE webhook_endpoints (
    key           BIGINT  PRIMARY KEY,
    tail          BIGINT  NOT NULL,
    organization  BIGINT  NOT NULL REFERENCES organizations (key),
    url           TEXT    NOT NULL,
    name          TEXT,
    events        TEXT    NOT NULL, -- subscribed event types, separated by spaces
    secret        TEXT    NOT NULL, -- signing key in clear text, because signing needs the key itself
    old_secret    TEXT    NOT NULL, -- previous signing key, used in addition until old_until; empty: none
    old_until     BIGINT  NOT NULL,
    enabled       BOOLEAN NOT NULL,
    failing_at    BIGINT,           -- when a delivery was given up; NULL: the endpoint works
    created_at    BIGINT  NOT NULL,
    modified_at   BIGINT
);

CREATE INDEX webhook_endpoints_organization ON webhook_endpoints (organization, key);

-- Events in the form in which they are sent. An event is inserted in the transaction that causes it, and only if an enabled
-- endpoint subscribes to its type.
CREATE TABLE webhook_events (
    key          BIGINT  PRIMARY KEY,
    tail         BIGINT  NOT NULL,
    organization BIGINT  NOT NULL,
    type         TEXT    NOT NULL,
    body         TEXT    NOT NULL, -- JSON
    at           BIGINT  NOT NULL
);

-- One row for each event and endpoint. Deliveries with the same endpoint and subject are sent in the order of seq.
CREATE TABLE webhook_deliveries (
    seq         BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tail        BIGINT  NOT NULL,
    event       BIGINT  NOT NULL,
    endpoint    BIGINT  NOT NULL,
    subject     BIGINT  NOT NULL, -- key of the session, or of the event if the event concerns no session
    state       TEXT    NOT NULL, -- pending, succeeded or failed
    attempts    BIGINT  NOT NULL,
    first_at    BIGINT  NOT NULL, -- when the first attempt was due
    next_at     BIGINT  NOT NULL, -- when the next attempt is due
    http_code   BIGINT  NOT NULL, -- status of the last response; 0: no response
    error       TEXT    NOT NULL, -- why the last attempt failed, such as timeout or connection; empty: it did not fail
    created_at  BIGINT  NOT NULL,
    modified_at BIGINT
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint, subject, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint, seq);

-- Sessions for whose first use and end events must be sent to webhook endpoints. The transaction that writes the event of the end
-- deletes the row or sets ended, so each end has one event.
CREATE TABLE webhook_watches (
    session      BIGINT  PRIMARY KEY,
    organization BIGINT  NOT NULL,
    customer     BIGINT  NOT NULL,
    member       BIGINT  NOT NULL, -- 0: the customer holds the session
    used         BOOLEAN NOT NULL, -- whether the event of the first use was sent, or the first use was before the watch began
    ended        BOOLEAN NOT NULL DEFAULT FALSE, -- the event of the end was sent; the row waits for a first use that is not stored yet
    due_at       BIGINT  NOT NULL  -- when to check whether the session has ended, or to delete the row of an ended session
);

CREATE INDEX webhook_watches_due ON webhook_watches (due_at);
CREATE INDEX webhook_watches_holder ON webhook_watches (organization, customer, member);

-- One-time links: the bearer token of a session, encrypted with a key that only the ticket in the link contains.
CREATE TABLE tickets (
    key        BIGINT PRIMARY KEY,
    hash       BYTEA  NOT NULL, -- HMAC of the ticket
    secret     BIGINT NOT NULL,
    sealed     BYTEA  NOT NULL, -- the encrypted bearer token
    expires_at BIGINT NOT NULL,
    organization       BIGINT NOT NULL,
    pending_generation BIGINT NOT NULL -- the organization's when the ticket was created
);

-- The audit log. An entry is inserted in the transaction of the change that it describes, without seq and hash. Later, one process at
-- a time chains the committed entries: it sets seq and hash. The triggers below refuse any other change of an entry.
CREATE TABLE audit_log (
    key               BIGINT PRIMARY KEY,
    tail              BIGINT NOT NULL,
    seq               BIGINT,          -- position in the chain; NULL: not chained yet
    hash              TEXT,            -- SHA-256 of the previous hash and this entry, in hexadecimal
    organization      BIGINT NOT NULL, -- 0: the entry concerns the whole server
    organization_tail BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    action            TEXT COLLATE "C" NOT NULL,
    outcome           TEXT   NOT NULL, -- succeeded or refused
    actor_kind        TEXT   NOT NULL,
    actor             BIGINT NOT NULL, -- key of an access token, a customer or a member; 0: an actor without an id
    actor_tail        BIGINT NOT NULL,
    session           BIGINT NOT NULL, -- the actor's session; 0: none
    session_tail      BIGINT NOT NULL,
    actor_name        TEXT   NOT NULL, -- user of the operating system, on the command line
    ip                TEXT   NOT NULL,
    agent             TEXT   NOT NULL,
    target_kind       TEXT   NOT NULL,
    target            BIGINT NOT NULL,
    target_tail       BIGINT NOT NULL,
    customer          BIGINT NOT NULL, -- whose account was changed; 0: none
    customer_tail     BIGINT NOT NULL,
    member            BIGINT NOT NULL,
    member_tail       BIGINT NOT NULL,
    details           TEXT   NOT NULL  -- JSON
);

CREATE INDEX audit_log_organization ON audit_log (organization, key);
CREATE UNIQUE INDEX audit_log_chain ON audit_log (seq);
CREATE INDEX audit_log_unchained ON audit_log (key) WHERE seq IS NULL;

-- One row: the start of the chain, which the retention moves, and its last entry.
CREATE TABLE audit_chain (
    start_seq  BIGINT NOT NULL,
    start_hash TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    hash       TEXT   NOT NULL
);

INSERT INTO audit_chain (start_seq, start_hash, seq, hash) VALUES (0, '', 0, '');

CREATE FUNCTION keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.seq IS NOT NULL OR (to_jsonb(OLD) - 'seq' - 'hash') <> (to_jsonb(NEW) - 'seq' - 'hash') THEN
            RAISE EXCEPTION 'entries of the audit log cannot be changed';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.seq IS NULL OR OLD.seq > (SELECT start_seq FROM audit_chain) THEN
        RAISE EXCEPTION 'entries of the audit log cannot be deleted, except at the start of the chain';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER audit_log_kept BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION keep_audit_log();
