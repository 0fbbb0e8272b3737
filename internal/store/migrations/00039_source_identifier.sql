-- What the programs that write departments call them themselves, so that they find
-- them again.

-- +goose Up
ALTER TABLE department ADD COLUMN source_identifier TEXT NOT NULL DEFAULT '';
