-- Event callbacks: where an internal app hears of changes of people and departments,
-- and the events that it has not heard of yet.

-- +goose Up
CREATE TABLE callback (
    organization BIGINT  NOT NULL,
    app_id       BIGINT  NOT NULL,
    url          TEXT    NOT NULL,
    tags         TEXT    NOT NULL,
    key_id       TEXT    NOT NULL,
    by_operator  INTEGER NOT NULL,
    key_number   INTEGER NOT NULL,
    sealed       BYTES   NOT NULL,
    changed_at   BIGINT  NOT NULL,
    failures     INTEGER NOT NULL,
    next_at      BIGINT  NOT NULL,
    succeeded_at BIGINT,
    failed_at    BIGINT,
    reason       TEXT    NOT NULL,
    PRIMARY KEY (organization, app_id)
);

-- An event names people by their ordinals. It waits until given_up_at is set.
CREATE TABLE callback_event (
    organization BIGINT  NOT NULL,
    app_id       BIGINT  NOT NULL,
    revision     BIGINT  NOT NULL,
    part         INTEGER NOT NULL,
    tag          TEXT    NOT NULL,
    ids          TEXT    NOT NULL,
    at           BIGINT  NOT NULL,
    attempts     INTEGER NOT NULL,
    given_up_at  BIGINT,
    PRIMARY KEY (organization, app_id, revision, part)
);
CREATE INDEX callback_event_waiting ON callback_event (organization, app_id, revision, part) WHERE given_up_at IS NULL;
CREATE INDEX callback_event_given_up ON callback_event (organization, app_id, given_up_at, revision, part) WHERE given_up_at IS NOT NULL;

INSERT INTO node_state (name, value, count) VALUES ('callback', '', 0);

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('callback', 'sqlite_autoindex_callback_1', '1000 10 1'),
--sqlite     ('callback_event', 'sqlite_autoindex_callback_event_1', '100000 10000 1000 1 1'),
--sqlite     ('callback_event', 'callback_event_waiting', '50000 5000 500 1 1'),
--sqlite     ('callback_event', 'callback_event_given_up', '50000 5000 500 10 1 1');
--sqlite ANALYZE sqlite_schema;
