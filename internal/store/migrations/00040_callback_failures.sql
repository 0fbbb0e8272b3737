-- Why a callback failed last, as far as whoever manages the app may know: reason is for
-- the operator.

-- +goose Up
ALTER TABLE callback ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE callback ADD COLUMN failure_status INTEGER NOT NULL DEFAULT 0;
