-- The first schema. One text for both engines; what differs is marked:
--   BYTES                 becomes BLOB or BYTEA
--   /*clustered*/         becomes WITHOUT ROWID on SQLite, nothing on PostgreSQL
--   /*narrow*/            becomes a small fillfactor on PostgreSQL, nothing on SQLite
--   a line of --sqlite or --postgres is active on that engine only.
-- Times are unix milliseconds, days yyyymmdd in the organization's zone, flags 0 or 1.

-- +goose Up
CREATE TABLE id_block (
    name    TEXT   NOT NULL PRIMARY KEY,
    next_id BIGINT NOT NULL
);
INSERT INTO id_block (name, next_id) VALUES
    ('organization', 1), ('app', 1), ('secret', 1), ('agent', 1000000001), ('task', 100000000001);

CREATE TABLE node_state (
    name  TEXT   NOT NULL PRIMARY KEY,
    value TEXT   NOT NULL,
    count BIGINT NOT NULL
);
INSERT INTO node_state (name, value, count) VALUES ('revocations', '', 0);

CREATE TABLE organization (
    id            BIGINT NOT NULL PRIMARY KEY,
    corp_id       TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    time_zone     TEXT   NOT NULL,
    limits        TEXT   NOT NULL,
    trusted_hosts TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

-- The counters that commits lock, apart from the organization's wide row.
CREATE TABLE org_revision (
    organization       BIGINT NOT NULL PRIMARY KEY,
    revision           BIGINT NOT NULL,
    directory_revision BIGINT NOT NULL,
    next_ordinal       BIGINT NOT NULL
) /*narrow*/;

CREATE TABLE department (
    organization       BIGINT NOT NULL,
    id                 BIGINT NOT NULL,
    parent_id          BIGINT NOT NULL,
    name               TEXT   NOT NULL,
    sort_order         BIGINT NOT NULL,
    directory_revision BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    deleted_at         BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX department_changed ON department (organization, directory_revision);

CREATE TABLE employee (
    organization       BIGINT NOT NULL,
    ordinal            BIGINT NOT NULL,
    userid             TEXT   NOT NULL,
    dept_ids           TEXT   NOT NULL,
    directory_revision BIGINT NOT NULL,
    disabled_at        BIGINT,
    deleted_at         BIGINT,
    name               TEXT   NOT NULL,
    mobile             TEXT   NOT NULL,
    email              TEXT   NOT NULL,
    job_number         TEXT   NOT NULL,
    title              TEXT   NOT NULL,
    roles              TEXT   NOT NULL,
    created_at         BIGINT NOT NULL,
    PRIMARY KEY (organization, ordinal)
) /*clustered*/;
CREATE UNIQUE INDEX employee_living ON employee (organization, userid) WHERE deleted_at IS NULL;
CREATE INDEX employee_changed ON employee (organization, directory_revision);

CREATE TABLE app (
    organization     BIGINT   NOT NULL,
    id               BIGINT   NOT NULL,
    kind             TEXT     NOT NULL,
    name             TEXT     NOT NULL,
    description      TEXT     NOT NULL,
    icon             TEXT     NOT NULL,
    app_key          TEXT     NOT NULL UNIQUE,
    scopes           TEXT     NOT NULL,
    trusted_hosts    TEXT     NOT NULL,
    send_to_everyone SMALLINT NOT NULL,
    created_at       BIGINT   NOT NULL,
    disabled_at      BIGINT,
    PRIMARY KEY (organization, id)
);

-- One installation of an app in one organization.
CREATE TABLE agent (
    organization     BIGINT   NOT NULL,
    id               BIGINT   NOT NULL UNIQUE,
    app_organization BIGINT   NOT NULL,
    app_id           BIGINT   NOT NULL,
    range_everyone   SMALLINT NOT NULL,
    range_dept_ids   TEXT     NOT NULL,
    range_userids    TEXT     NOT NULL,
    limits           TEXT     NOT NULL,
    created_at       BIGINT   NOT NULL,
    disabled_at      BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX agent_app ON agent (app_organization, app_id);

CREATE TABLE app_secret (
    organization BIGINT  NOT NULL,
    app_id       BIGINT  NOT NULL,
    id           BIGINT  NOT NULL,
    key_number   INTEGER NOT NULL,
    ciphertext   BYTES   NOT NULL,
    created_at   BIGINT  NOT NULL,
    ended_at     BIGINT,
    PRIMARY KEY (organization, app_id, id)
);

CREATE TABLE access_token (
    organization BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    app_id       BIGINT NOT NULL,
    agent_id     BIGINT NOT NULL,
    secret_id    BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    renewed_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX access_token_secret ON access_token (organization, app_id, secret_id, expires_at);

CREATE TABLE api_token (
    organization BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    ordinal      BIGINT NOT NULL,
    secret_hash  BYTES  NOT NULL,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX api_token_owner ON api_token (organization, ordinal);

CREATE TABLE api_usage (
    organization BIGINT  NOT NULL,
    month        INTEGER NOT NULL,
    calls        BIGINT  NOT NULL,
    PRIMARY KEY (organization, month)
);

CREATE TABLE media (
    organization BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    app_id       BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    size         BIGINT NOT NULL,
    width        BIGINT NOT NULL,
    height       BIGINT NOT NULL,
    digest       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (organization, id)
);

-- One accepted send. Sets come last: reading what stands before them never
-- walks their overflow pages. revision is null only for sends accepted but
-- not yet decided.
CREATE TABLE task (
    organization BIGINT   NOT NULL,
    id           BIGINT   NOT NULL,
    agent_id     BIGINT   NOT NULL,
    revision     BIGINT,
    accepted_at  BIGINT   NOT NULL,
    day          BIGINT   NOT NULL,
    minute       BIGINT   NOT NULL,
    dup_key      BIGINT   NOT NULL,
    digest       BYTES    NOT NULL,
    type         TEXT     NOT NULL,
    filed        SMALLINT NOT NULL,
    everyone     SMALLINT NOT NULL,
    sent_count   BIGINT   NOT NULL,
    recalled_at  BIGINT,
    status_value TEXT     NOT NULL,
    status_bg    TEXT     NOT NULL,
    message      TEXT     NOT NULL,
    named        TEXT     NOT NULL,
    invalid      TEXT     NOT NULL,
    held         TEXT     NOT NULL,
    sent         BYTES    NOT NULL,
    PRIMARY KEY (organization, id)
);
CREATE UNIQUE INDEX task_revision ON task (organization, revision);
CREATE INDEX task_content ON task (organization, dup_key);
CREATE INDEX task_agent ON task (organization, agent_id, day, revision);
CREATE INDEX task_large ON task (organization, revision) WHERE filed = 0;

-- What a small send put into each recipient's inbox.
CREATE TABLE inbox (
    organization BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    task_id      BIGINT NOT NULL,
    agent_id     BIGINT NOT NULL,
    PRIMARY KEY (organization, ordinal, revision)
) /*clustered*/;

-- Recalls and status bars; with the tasks' own revisions gap-free.
CREATE TABLE change (
    organization BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    task_id      BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (organization, revision)
) /*clustered*/;

CREATE TABLE receipt (
    organization BIGINT NOT NULL,
    task_id      BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL,
    read_at      BIGINT NOT NULL,
    PRIMARY KEY (organization, task_id, ordinal)
) /*clustered*/;

CREATE TABLE unread_hint (
    organization BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL,
    floor        BIGINT NOT NULL,
    candidates   TEXT   NOT NULL,
    PRIMARY KEY (organization, ordinal)
);

CREATE TABLE idempotency (
    organization BIGINT NOT NULL,
    agent_id     BIGINT NOT NULL,
    endpoint     TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    digest       BYTES  NOT NULL,
    task_id      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (organization, agent_id, endpoint, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- SQLite plans by statistics, and has none of an empty database: then it may
-- pick the bare organization of a key and walk everything that one has. These
-- are the numbers of a large organization, for any size of file.
--sqlite ANALYZE;
--sqlite DELETE FROM sqlite_stat1;
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('department', 'sqlite_autoindex_department_1', '20000 10000 1'),
--sqlite     ('department', 'department_changed', '20000 10000 100'),
--sqlite     ('employee', 'employee', '1000000 500000 1'),
--sqlite     ('employee', 'employee_living', '1000000 500000 1'),
--sqlite     ('employee', 'employee_changed', '1000000 500000 200'),
--sqlite     ('app', 'sqlite_autoindex_app_2', '200 100 1'),
--sqlite     ('app', 'sqlite_autoindex_app_1', '200 1'),
--sqlite     ('agent', 'sqlite_autoindex_agent_2', '200 100 1'),
--sqlite     ('agent', 'sqlite_autoindex_agent_1', '200 1'),
--sqlite     ('access_token', 'sqlite_autoindex_access_token_1', '20000 10000 1'),
--sqlite     ('access_token', 'access_token_secret', '20000 10000 200 100 1'),
--sqlite     ('api_token', 'sqlite_autoindex_api_token_1', '20000 10000 1'),
--sqlite     ('api_token', 'api_token_owner', '20000 10000 2'),
--sqlite     ('media', 'sqlite_autoindex_media_1', '100000 50000 1'),
--sqlite     ('task', 'sqlite_autoindex_task_1', '2000000 1000000 1'),
--sqlite     ('task', 'task_revision', '2000000 1000000 1'),
--sqlite     ('task', 'task_content', '2000000 1000000 2'),
--sqlite     ('task', 'task_agent', '2000000 1000000 100000 1000 1'),
--sqlite     ('task', 'task_large', '20000 10000 1'),
--sqlite     ('inbox', 'inbox', '50000000 25000000 100 1'),
--sqlite     ('change', 'change', '200000 100000 1'),
--sqlite     ('receipt', 'receipt', '50000000 25000000 50 1'),
--sqlite     ('unread_hint', 'sqlite_autoindex_unread_hint_1', '1000000 500000 1'),
--sqlite     ('idempotency', 'sqlite_autoindex_idempotency_1', '200000 100000 10000 10000 1');
--sqlite ANALYZE sqlite_schema;
