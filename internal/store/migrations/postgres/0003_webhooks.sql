-- Where an organization wants to hear of what happens to its sessions.
CREATE TABLE webhook_endpoints (
    key           BIGINT  PRIMARY KEY,
    tail          BIGINT  NOT NULL,
    organization  BIGINT  NOT NULL REFERENCES organizations (key),
    url           TEXT    NOT NULL,
    name          TEXT,
    events        TEXT    NOT NULL, -- separated by spaces
    secret        TEXT    NOT NULL,
    old_secret    TEXT    NOT NULL, -- the one before, which signs too until old_until
    old_until     BIGINT  NOT NULL,
    enabled       BOOLEAN NOT NULL,
    failing_at    BIGINT,
    created_at    BIGINT  NOT NULL,
    modified_at   BIGINT
);

CREATE INDEX webhook_endpoints_organization ON webhook_endpoints (organization, created_at);

-- What happened, as it is sent. A row is written in the transaction of what it tells of, and only where somebody wants to hear.
CREATE TABLE webhook_events (
    key          BIGINT  PRIMARY KEY,
    tail         BIGINT  NOT NULL,
    organization BIGINT  NOT NULL,
    type         TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    at           BIGINT  NOT NULL
);

-- An event on its way to an endpoint. Those with the same subject are delivered in the order of seq.
CREATE TABLE webhook_deliveries (
    seq         BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tail        BIGINT  NOT NULL,
    event       BIGINT  NOT NULL,
    endpoint    BIGINT  NOT NULL,
    subject     BIGINT  NOT NULL, -- the session, or else the event itself
    state       TEXT    NOT NULL,
    attempts    BIGINT  NOT NULL,
    first_at    BIGINT  NOT NULL, -- when it was to be delivered first
    next_at     BIGINT  NOT NULL,
    http_code   BIGINT  NOT NULL, -- of the last attempt; 0: no answer
    error       TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    modified_at BIGINT
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint, subject, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint, seq);

-- The sessions of whose end somebody wants to hear. A row is removed by whoever writes that event, so that there is one.
CREATE TABLE webhook_watches (
    session      BIGINT  PRIMARY KEY,
    organization BIGINT  NOT NULL,
    customer     BIGINT  NOT NULL,
    member       BIGINT  NOT NULL,
    used         BOOLEAN NOT NULL,
    due_at       BIGINT  NOT NULL -- when to look whether the session has ended
);

CREATE INDEX webhook_watches_due ON webhook_watches (due_at);
CREATE INDEX webhook_watches_holder ON webhook_watches (organization, customer, member);
