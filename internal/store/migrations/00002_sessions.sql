-- Signing in with a browser: links that open a session, and sessions.

-- +goose Up
CREATE TABLE sign_in_link (
    organization BIGINT   NOT NULL,
    id           TEXT     NOT NULL,
    ordinal      BIGINT   NOT NULL,
    secret_hash  BYTES    NOT NULL,
    reusable     SMALLINT NOT NULL,
    created_at   BIGINT   NOT NULL,
    expires_at   BIGINT   NOT NULL,
    used_at      BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX sign_in_link_owner ON sign_in_link (organization, ordinal);

-- A session that was ended has no row.
CREATE TABLE session (
    organization BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    ordinal      BIGINT NOT NULL,
    secret_hash  BYTES  NOT NULL,
    device       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (organization, id)
);
CREATE INDEX session_owner ON session (organization, ordinal);

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('sign_in_link', 'sqlite_autoindex_sign_in_link_1', '20000 10000 1'),
--sqlite     ('sign_in_link', 'sign_in_link_owner', '20000 10000 2'),
--sqlite     ('session', 'sqlite_autoindex_session_1', '200000 100000 1'),
--sqlite     ('session', 'session_owner', '200000 100000 3');
--sqlite ANALYZE sqlite_schema;
