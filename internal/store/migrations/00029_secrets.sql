-- Who made an app's secret, and when it was last presented. Nobody knows either of
-- secrets from before.

-- +goose Up
ALTER TABLE app_secret ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE app_secret ADD COLUMN last_used_at BIGINT;
