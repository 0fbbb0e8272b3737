-- Where links to an app's mini program lead in a browser; empty for nowhere.

-- +goose Up
ALTER TABLE app ADD COLUMN page_url TEXT NOT NULL DEFAULT '';
