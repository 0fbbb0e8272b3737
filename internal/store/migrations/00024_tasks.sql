-- Who sent a task by hand, and who changed it, for as long as there is one.

-- +goose Up
CREATE TABLE task_sender (
    organization BIGINT NOT NULL,
    revision     BIGINT NOT NULL, -- the task's
    ordinal      BIGINT NOT NULL,
    PRIMARY KEY (organization, revision)
) /*clustered*/;
CREATE INDEX task_sender_person ON task_sender (organization, ordinal, revision);

-- Tests of templates of before: each is in the inbox of whoever sent it.
INSERT INTO task_sender (organization, revision, ordinal)
    SELECT organization, revision, ordinal FROM inbox
    WHERE (organization, task_id) IN (SELECT organization, id FROM task WHERE minute < 0);

CREATE TABLE task_change (
    organization BIGINT NOT NULL,
    task_id      BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    actor        TEXT   NOT NULL, -- as in audit_entry
    PRIMARY KEY (organization, task_id, revision)
) /*clustered*/;

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('task_sender', 'task_sender', '200000 100000 1'),
--sqlite     ('task_sender', 'task_sender_person', '200000 100000 1000 1'),
--sqlite     ('task_change', 'task_change', '200000 100000 2 1');
--sqlite ANALYZE sqlite_schema;
