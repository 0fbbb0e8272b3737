-- Signing in with accounts of elsewhere: where people have them, whose they are, who
-- waits to be linked, and which sign-ins were finished. Secrets are encrypted.

-- +goose Up
CREATE TABLE sign_in_source (
    organization BIGINT   NOT NULL,
    id           TEXT     NOT NULL,
    kind         TEXT     NOT NULL,
    name         TEXT     NOT NULL,
    state        TEXT     NOT NULL,
    settings     TEXT     NOT NULL,
    session_days INTEGER  NOT NULL,
    by_operator  SMALLINT NOT NULL,
    key_number   INTEGER  NOT NULL,
    secret       BYTES    NOT NULL,
    edition      BIGINT   NOT NULL,
    tested_at    BIGINT,
    created_at   BIGINT   NOT NULL,
    PRIMARY KEY (organization, id)
);
CREATE UNIQUE INDEX sign_in_source_name ON sign_in_source (organization, name);

-- Who a subject of a source is. linked_by is who said so, as the audit log writes it.
CREATE TABLE identity (
    organization BIGINT NOT NULL,
    source_id    TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    ordinal      BIGINT NOT NULL,
    linked_at    BIGINT NOT NULL,
    linked_by    TEXT   NOT NULL,
    used_at      BIGINT,
    PRIMARY KEY (organization, source_id, subject)
);
CREATE UNIQUE INDEX identity_person ON identity (organization, ordinal, source_id);

CREATE TABLE waiting_identity (
    organization BIGINT NOT NULL,
    source_id    TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    shown        TEXT   NOT NULL,
    ref          TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (organization, source_id, subject)
);
CREATE UNIQUE INDEX waiting_identity_ref ON waiting_identity (organization, ref);
CREATE INDEX waiting_identity_age ON waiting_identity (organization, at, ref);

-- Of each sign-in that was finished the hash of its state, so that none is finished
-- twice.
CREATE TABLE sign_in_done (
    organization BIGINT NOT NULL,
    state_hash   BYTES  NOT NULL,
    until        BIGINT NOT NULL,
    PRIMARY KEY (organization, state_hash)
) /*clustered*/;
CREATE INDEX sign_in_done_age ON sign_in_done (organization, until);

-- Which source has begun a session; '' for a link.
ALTER TABLE session ADD COLUMN source_id TEXT NOT NULL DEFAULT '';
CREATE INDEX session_source ON session (organization, source_id, ordinal) WHERE source_id <> '';

-- People are found by what a provider says of them.
CREATE INDEX employee_email ON employee (organization, lower(email)) WHERE deleted_at IS NULL AND email <> '';
CREATE INDEX employee_job_number ON employee (organization, job_number) WHERE deleted_at IS NULL AND job_number <> '';

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('sign_in_source', 'sqlite_autoindex_sign_in_source_1', '200 100 1'),
--sqlite     ('sign_in_source', 'sign_in_source_name', '200 100 1'),
--sqlite     ('identity', 'sqlite_autoindex_identity_1', '1000000 500000 200000 1'),
--sqlite     ('identity', 'identity_person', '1000000 500000 2 1'),
--sqlite     ('waiting_identity', 'sqlite_autoindex_waiting_identity_1', '20000 10000 5000 1'),
--sqlite     ('waiting_identity', 'waiting_identity_ref', '20000 10000 1'),
--sqlite     ('waiting_identity', 'waiting_identity_age', '20000 10000 2 1'),
--sqlite     ('sign_in_done', 'sign_in_done', '20000 10000 1'),
--sqlite     ('sign_in_done', 'sign_in_done_age', '20000 10000 2'),
--sqlite     ('session', 'session_source', '200000 100000 50000 3'),
--sqlite     ('employee', 'employee_email', '1000000 500000 1'),
--sqlite     ('employee', 'employee_job_number', '1000000 500000 1');
--sqlite ANALYZE sqlite_schema;
