-- Who may send by hand with an installation; which edition somebody has read of what
-- they save; who made a secret, and when it was used.

-- +goose Up
ALTER TABLE agent ADD COLUMN composer_dept_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agent ADD COLUMN composer_ordinals TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agent ADD COLUMN edition BIGINT NOT NULL DEFAULT 1;
ALTER TABLE app ADD COLUMN edition BIGINT NOT NULL DEFAULT 1;

ALTER TABLE app_secret ADD COLUMN created_by TEXT NOT NULL DEFAULT ''; -- as in audit_entry; '' for one of before
ALTER TABLE app_secret ADD COLUMN last_used_at BIGINT;
