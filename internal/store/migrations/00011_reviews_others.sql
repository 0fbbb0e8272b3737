-- Which organizations' reviewers decide on the templates of other organizations'
-- third-party apps. None until the operator says so: what is in review then is
-- for the operator to decide.

-- +goose Up
ALTER TABLE organization ADD COLUMN reviews_others SMALLINT NOT NULL DEFAULT 0;
