-- Several nodes on one database.

-- +goose Up
-- Contents of uploaded files, where the database keeps them, in pieces of 256 KiB.
CREATE TABLE media_piece (
    organization BIGINT NOT NULL,
    media_id     TEXT   NOT NULL,
    piece        BIGINT NOT NULL,
    content      BYTES  NOT NULL,
    PRIMARY KEY (organization, media_id, piece)
);
--postgres ALTER TABLE media_piece ALTER COLUMN content SET STORAGE EXTERNAL;

-- Uploads whose content is being stored, wherever that is, and that are not
-- entered yet. Those that never will be are swept by their age.
CREATE TABLE media_upload (
    organization BIGINT   NOT NULL,
    id           TEXT     NOT NULL,
    created_at   BIGINT   NOT NULL,
    abandoned    SMALLINT NOT NULL,
    PRIMARY KEY (organization, id)
);
CREATE INDEX media_upload_age ON media_upload (created_at);

-- Which people have read something lately: a row for each organization of a
-- transaction that wrote receipts, kept for minutes, read by the other nodes.
-- xact is the number of the transaction: what commits late has a low one, and
-- is not overlooked. On SQLite a node is alone.
--postgres CREATE TABLE recent_read (
--postgres     xact         BIGINT NOT NULL,
--postgres     organization BIGINT NOT NULL,
--postgres     node         BIGINT NOT NULL,
--postgres     ordinals     BYTEA  NOT NULL,
--postgres     PRIMARY KEY (xact, organization, node)
--postgres );

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('media_piece', 'sqlite_autoindex_media_piece_1', '200000 100000 2 1'),
--sqlite     ('media_upload', 'sqlite_autoindex_media_upload_1', '100 50 1'),
--sqlite     ('media_upload', 'media_upload_age', '100 1');
--sqlite ANALYZE sqlite_schema;
