-- Links that can be followed once: the token of a session, sealed under the ticket in the link.
CREATE TABLE tickets (
    key        INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL,
    secret     INTEGER NOT NULL,
    sealed     BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
