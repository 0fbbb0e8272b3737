-- Files go with the last message that names them, and apps have quotas of them.

-- +goose Up
-- Since when nothing names a file: it can no longer be sent, and goes a day later.
ALTER TABLE media ADD COLUMN ending_at BIGINT;

-- The newest message of an installation that names a file, by day and revision:
-- an installation's messages are deleted in this order, so that the others are
-- gone when this one is. Written by the node that deletes, from the messages.
CREATE TABLE media_use (
    organization BIGINT NOT NULL,
    media_id     TEXT   NOT NULL,
    agent_id     BIGINT NOT NULL,
    day          BIGINT NOT NULL,
    task_id      BIGINT NOT NULL,
    PRIMARY KEY (organization, media_id, agent_id)
);

-- The revision through which messages have been read for media_use.
CREATE TABLE media_scan (
    organization BIGINT NOT NULL PRIMARY KEY,
    revision     BIGINT NOT NULL
);

-- How much of files is kept: of an app, and of all apps together as app 0.
CREATE TABLE media_usage (
    organization BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    bytes        BIGINT NOT NULL,
    PRIMARY KEY (organization, app_id)
);
INSERT INTO media_usage (organization, app_id, bytes)
    SELECT organization, app_id, SUM(size) FROM media GROUP BY organization, app_id;
INSERT INTO media_usage (organization, app_id, bytes)
    SELECT organization, 0, SUM(size) FROM media GROUP BY organization;

-- Limits of organizations that there are already: what the presets say.
UPDATE organization SET limits = REPLACE(limits, '{"preset":', '{"upload_bytes":107374182400,"upload_bytes_per_app":53687091200,"preset":');

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('media_use', 'sqlite_autoindex_media_use_1', '200000 100000 2 1'),
--sqlite     ('media_scan', 'sqlite_autoindex_media_scan_1', '100 1'),
--sqlite     ('media_usage', 'sqlite_autoindex_media_usage_1', '2000 100 1');
--sqlite ANALYZE sqlite_schema;
