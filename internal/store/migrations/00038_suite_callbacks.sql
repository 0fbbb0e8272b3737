-- Third-party apps hear of events too: of several organizations, so that an event has
-- the one that it is about, and of themselves. And the codes with which a provider takes
-- an organization's authorization; of them the hashes are stored.

-- +goose Up
CREATE TABLE callback_event_before AS SELECT * FROM callback_event;
DROP TABLE callback_event;

-- about is the app's organization for an internal app, the organization that has
-- installed a third-party app, and 0 for what is about a third-party app itself.
CREATE TABLE callback_event (
    organization BIGINT  NOT NULL,
    app_id       BIGINT  NOT NULL,
    about        BIGINT  NOT NULL,
    revision     BIGINT  NOT NULL,
    part         INTEGER NOT NULL,
    tag          TEXT    NOT NULL,
    ids          TEXT    NOT NULL,
    at           BIGINT  NOT NULL,
    attempts     INTEGER NOT NULL,
    given_up_at  BIGINT,
    PRIMARY KEY (organization, app_id, about, revision, part)
);
INSERT INTO callback_event (organization, app_id, about, revision, part, tag, ids, at, attempts, given_up_at)
    SELECT organization, app_id, organization, revision, part, tag, ids, at, attempts, given_up_at FROM callback_event_before;
DROP TABLE callback_event_before;
CREATE INDEX callback_event_waiting ON callback_event (organization, app_id, about, revision, part) WHERE given_up_at IS NULL;
CREATE INDEX callback_event_given_up ON callback_event (organization, app_id, given_up_at, about, revision, part) WHERE given_up_at IS NOT NULL;

-- When a third-party app is told its suite ticket next; NULL: it does not listen to that.
ALTER TABLE callback ADD COLUMN ticket_at BIGINT;
CREATE INDEX callback_ticket ON callback (ticket_at) WHERE ticket_at IS NOT NULL;

-- expires_at is NULL for a permanent code.
CREATE TABLE suite_code (
    organization BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    about        BIGINT NOT NULL,
    hash         BYTES  NOT NULL,
    expires_at   BIGINT,
    PRIMARY KEY (organization, app_id, about, hash)
);

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('callback', 'callback_ticket', '100 1'),
--sqlite     ('callback_event', 'sqlite_autoindex_callback_event_1', '100000 10000 1000 500 1 1'),
--sqlite     ('callback_event', 'callback_event_waiting', '50000 5000 500 250 1 1'),
--sqlite     ('callback_event', 'callback_event_given_up', '50000 5000 500 10 5 1 1'),
--sqlite     ('suite_code', 'sqlite_autoindex_suite_code_1', '10000 1000 500 2 1');
--sqlite ANALYZE sqlite_schema;
