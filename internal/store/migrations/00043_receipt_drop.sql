-- When receipts of an installation's tasks were dropped: of those below the floor, and
-- not below the one before it.

-- +goose Up
CREATE TABLE receipt_drop (
    organization BIGINT NOT NULL,
    agent_id     BIGINT NOT NULL,
    floor        BIGINT NOT NULL, -- a revision, as agent.receipts_floor
    at           BIGINT, -- NULL where nobody noted it
    PRIMARY KEY (organization, agent_id, floor)
) /*clustered*/;

-- What was dropped earlier.
INSERT INTO receipt_drop (organization, agent_id, floor)
    SELECT organization, id, receipts_floor FROM agent WHERE receipts_floor > 0;

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('receipt_drop', 'receipt_drop', '73000 36500 365 1');
--sqlite ANALYZE sqlite_schema;
