-- Templates with their versions, the audit log, and which version a task says.
-- People are stored as organization and ordinal, "3/17"; the operator as
-- "operator".

-- +goose Up
CREATE TABLE template (
    organization BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    app_id       BIGINT NOT NULL,
    newest       BIGINT NOT NULL,
    live         BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    disabled_at  BIGINT,
    deleted_at   BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX template_app ON template (organization, app_id, created_at);

CREATE TABLE template_version (
    organization BIGINT NOT NULL,
    template_id  TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    edition      BIGINT NOT NULL,
    authors      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    saved_at     BIGINT NOT NULL,
    submitted_at BIGINT,
    submitted_by TEXT   NOT NULL,
    decided_at   BIGINT,
    decided_by   TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    form         TEXT   NOT NULL,
    PRIMARY KEY (organization, template_id, number)
);
CREATE INDEX template_waiting ON template_version (submitted_at) WHERE state = 'in_review';

CREATE TABLE audit (
    organization BIGINT   NOT NULL,
    id           BIGINT   NOT NULL,
    at           BIGINT   NOT NULL,
    actor        TEXT     NOT NULL,
    console      SMALLINT NOT NULL,
    action       TEXT     NOT NULL,
    subject      TEXT     NOT NULL,
    version      BIGINT   NOT NULL,
    note         TEXT     NOT NULL,
    PRIMARY KEY (organization, id)
);
CREATE INDEX audit_subject ON audit (organization, subject, at, id);

INSERT INTO id_block (name, next_id) VALUES ('audit', 1);

ALTER TABLE task ADD COLUMN template_id TEXT NOT NULL DEFAULT '';
ALTER TABLE task ADD COLUMN template_version BIGINT NOT NULL DEFAULT 0;

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('template', 'sqlite_autoindex_template_1', '20000 100 1'),
--sqlite     ('template', 'template_app', '20000 100 10 1'),
--sqlite     ('template_version', 'sqlite_autoindex_template_version_1', '100000 500 5 1'),
--sqlite     ('template_version', 'template_waiting', '100 1'),
--sqlite     ('audit', 'sqlite_autoindex_audit_1', '1000000 5000 1'),
--sqlite     ('audit', 'audit_subject', '1000000 5000 20 1 1');
--sqlite ANALYZE sqlite_schema;
