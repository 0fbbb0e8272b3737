-- How far each node has followed what commands changed.

-- +goose Up
-- The highest mark that a node has followed. Commands make marks; the newest is the
-- count of the row 'follow' of node_state. See package node.
ALTER TABLE node ADD COLUMN followed BIGINT NOT NULL DEFAULT 0;
