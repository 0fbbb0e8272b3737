-- What an app's tasks of a day add up to, saved now and then so that a node that
-- starts need not read all of them. Derived: an old row costs time and gives no
-- other number.

-- +goose Up
CREATE TABLE day_fold (
    organization BIGINT NOT NULL,
    agent_id     BIGINT NOT NULL,
    day          BIGINT NOT NULL,
    through      BIGINT NOT NULL, -- the last revision that is counted
    tasks        BIGINT NOT NULL,
    everyone     BIGINT NOT NULL,
    minutes      TEXT   NOT NULL, -- JSON: the latest minutes with their recipients
    tally        BYTES  NULL,     -- how many of them each recipient was sent; null: not counted
    PRIMARY KEY (organization, agent_id)
);
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('day_fold', 'sqlite_autoindex_day_fold_1', '20000 100 1');
--sqlite ANALYZE sqlite_schema;
