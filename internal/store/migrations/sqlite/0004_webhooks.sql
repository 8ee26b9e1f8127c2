-- Where an organization wants to hear of what happens to its sessions.
CREATE TABLE webhook_endpoints (
    key           INTEGER PRIMARY KEY,
    tail          INTEGER NOT NULL,
    organization  INTEGER NOT NULL REFERENCES organizations (key),
    url           TEXT    NOT NULL,
    name          TEXT,
    events        TEXT    NOT NULL, -- separated by spaces
    secret        TEXT    NOT NULL,
    old_secret    TEXT    NOT NULL, -- the one before, which signs too until old_until
    old_until     INTEGER NOT NULL,
    enabled       INTEGER NOT NULL,
    failing_at    INTEGER,
    created_at    INTEGER NOT NULL,
    modified_at   INTEGER
) STRICT;

CREATE INDEX webhook_endpoints_organization ON webhook_endpoints (organization, created_at);

-- What happened, as it is sent. A row is written in the transaction of what it tells of, and only where somebody wants to hear.
CREATE TABLE webhook_events (
    key          INTEGER PRIMARY KEY,
    tail         INTEGER NOT NULL,
    organization INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

-- An event on its way to an endpoint. Those with the same subject are delivered in the order of seq.
CREATE TABLE webhook_deliveries (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tail        INTEGER NOT NULL,
    event       INTEGER NOT NULL,
    endpoint    INTEGER NOT NULL,
    subject     INTEGER NOT NULL, -- the session, or else the event itself
    state       TEXT    NOT NULL,
    attempts    INTEGER NOT NULL,
    first_at    INTEGER NOT NULL, -- when it was to be delivered first
    next_at     INTEGER NOT NULL,
    http_code   INTEGER NOT NULL, -- of the last attempt; 0: no answer
    error       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER
) STRICT;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint, subject, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint, seq);

-- The sessions of whose end somebody wants to hear. A row is removed by whoever writes that event, so that there is one.
CREATE TABLE webhook_watches (
    session      INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL,
    customer     INTEGER NOT NULL,
    member       INTEGER NOT NULL,
    used         INTEGER NOT NULL,
    due_at       INTEGER NOT NULL -- when to look whether the session has ended
) STRICT;

CREATE INDEX webhook_watches_due ON webhook_watches (due_at);
CREATE INDEX webhook_watches_holder ON webhook_watches (organization, customer, member);
