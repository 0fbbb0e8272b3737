-- Replacing the master key while nodes run.

-- +goose Up
-- The master keys that are or were in the key file; the keys themselves are never
-- here. One is added, then used, then dropped. Which is in use now is the count of
-- the row 'keys' of node_state, 0 until a node of this version has started; its
-- value goes on saying which keys a node needs, for nodes of the version before.
-- A time of 0 is one that nobody has recorded.
CREATE TABLE master_key (
    number      INTEGER NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    added_at    BIGINT  NOT NULL,
    used_at     BIGINT,
    dropped_at  BIGINT
);

-- The nodes that serve: the fingerprints of the master keys each holds, by
-- number, as JSON. Times are the database's own, so that the clocks of nodes do
-- not matter. A node that stops takes its row away.
CREATE TABLE node (
    id         BIGINT NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    keys       TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);
