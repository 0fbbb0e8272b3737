-- Links by which somebody makes the installation's first organization. Of a link the
-- hash is stored. They are the installation's, and no organization's.

-- +goose Up
CREATE TABLE setup (
    token_hash BYTES  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
) /*clustered*/;
