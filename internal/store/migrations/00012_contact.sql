-- Whom people ask who cannot sign in: a line of text, empty for nobody.

-- +goose Up
ALTER TABLE organization ADD COLUMN contact TEXT NOT NULL DEFAULT '';
