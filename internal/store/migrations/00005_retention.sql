-- How long things are kept, and what is no longer there because of it.

-- +goose Up
-- JSON: days of messages, receipts and changes; what it does not say is as by
-- default, and for an installation as its organization decided.
ALTER TABLE organization ADD COLUMN retention TEXT NOT NULL DEFAULT '{}';
ALTER TABLE agent ADD COLUMN retention TEXT NOT NULL DEFAULT '{}';

-- Changes at or below it may be gone.
ALTER TABLE org_revision ADD COLUMN resume_floor BIGINT NOT NULL DEFAULT 0;

-- The receipts of an installation's tasks below this revision are gone, or
-- about to be. The organization has the highest of its installations'.
ALTER TABLE agent ADD COLUMN receipts_floor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE org_revision ADD COLUMN receipts_floor BIGINT NOT NULL DEFAULT 0;

-- Receipts of tasks of earlier days, yyyymmdd, have been deleted.
ALTER TABLE agent ADD COLUMN receipts_swept BIGINT NOT NULL DEFAULT 0;

-- The node that deletes, and until when (count) it may: one at a time.
INSERT INTO node_state (name, value, count) VALUES ('retention', '', 0);
