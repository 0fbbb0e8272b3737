-- Third-party apps: what a provider proves itself with, and what an
-- organization lets an installation do.

-- +goose Up
CREATE TABLE suite (
    organization BIGINT   NOT NULL,
    app_id       BIGINT   NOT NULL,
    key_number   INTEGER  NOT NULL,
    ticket       BYTES    NOT NULL,
    any_ticket   SMALLINT NOT NULL,
    changed_at   BIGINT   NOT NULL,
    PRIMARY KEY (organization, app_id)
);

ALTER TABLE agent ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE agent ADD COLUMN direct_send SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE agent ADD COLUMN uninstalled_at BIGINT;
CREATE UNIQUE INDEX agent_installed ON agent (app_organization, app_id, organization);
DROP INDEX agent_app;

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('suite', 'sqlite_autoindex_suite_1', '200 100 1'),
--sqlite     ('agent', 'agent_installed', '20000 10000 100 1');
--sqlite UPDATE sqlite_stat1 SET stat = '20000 100 1' WHERE idx IN ('sqlite_autoindex_agent_2', 'sqlite_autoindex_app_2');
--sqlite UPDATE sqlite_stat1 SET stat = '20000 1' WHERE idx IN ('sqlite_autoindex_agent_1', 'sqlite_autoindex_app_1');
--sqlite ANALYZE sqlite_schema;
