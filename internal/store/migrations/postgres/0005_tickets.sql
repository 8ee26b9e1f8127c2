-- Links that can be followed once: the token of a session, sealed under the ticket in the link.
CREATE TABLE tickets (
    key        BIGINT PRIMARY KEY,
    hash       BYTEA  NOT NULL,
    secret     BIGINT NOT NULL,
    sealed     BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
