-- What of somebody's inbox may be unread, app by app, so that a loud app does
-- not hide a quiet one. Nodes of the version before keep to unread_hint, whose
-- rows stay as true as they were; they begin the new ones.

-- +goose Up
CREATE TABLE unread_by_app (
    organization BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL,
    floor        BIGINT NOT NULL,
    candidates   TEXT   NOT NULL, -- for each app: agent:rest:task,task;
    PRIMARY KEY (organization, ordinal)
);
INSERT INTO unread_by_app (organization, ordinal, floor, candidates)
SELECT organization, ordinal, floor, CASE candidates WHEN '' THEN '' ELSE '0:0:' || candidates || ';' END
FROM unread_hint;
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('unread_by_app', 'sqlite_autoindex_unread_by_app_1', '1000000 500000 1');
--sqlite ANALYZE sqlite_schema;
