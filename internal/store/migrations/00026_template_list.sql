-- Templates of all apps, and of one, newest first: the indexes hold those that are
-- there.

-- +goose Up
CREATE INDEX template_listed ON template (organization, created_at, id) WHERE deleted_at IS NULL;
DROP INDEX template_app;
CREATE INDEX template_app ON template (organization, app_id, created_at, id) WHERE deleted_at IS NULL;
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('template', 'template_listed', '20000 100 1 1'),
--sqlite     ('template', 'template_app', '20000 100 10 1 1');
--sqlite ANALYZE sqlite_schema;
