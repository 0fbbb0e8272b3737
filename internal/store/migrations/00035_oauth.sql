-- Signing in to programs: the addresses that apps declare, what people have allowed
-- apps, codes, and what came of them. Of codes and tokens the hashes are stored.

-- +goose Up
CREATE TABLE oauth_redirect (
    organization BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    uri          TEXT   NOT NULL,
    PRIMARY KEY (organization, app_id, uri)
);

CREATE TABLE oauth_grant (
    organization BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    redirect_uri TEXT   NOT NULL,
    told         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (organization, ordinal, app_id)
);

CREATE TABLE oauth_code (
    organization BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    ordinal      BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    redirect_uri TEXT   NOT NULL,
    told         TEXT   NOT NULL,
    challenge    TEXT   NOT NULL,
    secret_hash  BYTES  NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT,
    PRIMARY KEY (organization, id)
);
CREATE INDEX oauth_code_owner ON oauth_code (organization, ordinal, app_id);
CREATE INDEX oauth_code_app ON oauth_code (organization, app_id);

CREATE TABLE oauth_token (
    organization    BIGINT NOT NULL,
    id              TEXT   NOT NULL,
    ordinal         BIGINT NOT NULL,
    app_id          BIGINT NOT NULL,
    told            TEXT   NOT NULL,
    secret_hash     BYTES  NOT NULL,
    expires_at      BIGINT NOT NULL,
    refresh_hash    BYTES  NOT NULL,
    refresh_ends_at BIGINT NOT NULL,
    before_hash     BYTES  NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organization, id)
);
CREATE INDEX oauth_token_owner ON oauth_token (organization, ordinal, app_id);
CREATE INDEX oauth_token_app ON oauth_token (organization, app_id);

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('oauth_redirect', 'sqlite_autoindex_oauth_redirect_1', '1000 500 2 1'),
--sqlite     ('oauth_grant', 'sqlite_autoindex_oauth_grant_1', '200000 100000 2 1'),
--sqlite     ('oauth_code', 'sqlite_autoindex_oauth_code_1', '200000 100000 1'),
--sqlite     ('oauth_code', 'oauth_code_owner', '200000 100000 3 2'),
--sqlite     ('oauth_code', 'oauth_code_app', '200000 100000 5000'),
--sqlite     ('oauth_token', 'sqlite_autoindex_oauth_token_1', '200000 100000 1'),
--sqlite     ('oauth_token', 'oauth_token_owner', '200000 100000 3 2'),
--sqlite     ('oauth_token', 'oauth_token_app', '200000 100000 5000');
--sqlite ANALYZE sqlite_schema;
