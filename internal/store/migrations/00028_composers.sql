-- Who may send by hand with an installation; which edition somebody has read of what
-- they save.

-- +goose Up
ALTER TABLE agent ADD COLUMN composer_dept_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agent ADD COLUMN composer_ordinals TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agent ADD COLUMN edition BIGINT NOT NULL DEFAULT 1;
ALTER TABLE app ADD COLUMN edition BIGINT NOT NULL DEFAULT 1;
