-- People are found by their mobile, however it is written: by what is left of it
-- without signs. What an organization's apps call people is made with its own salt.

-- +goose Up
CREATE INDEX employee_mobile ON employee (organization,
    (replace(replace(replace(replace(replace(replace(replace(replace(mobile, '+', ''), '-', ''), '(', ''), ')', ''), ' ', ''), '.', ''), '·', ''), '/', '')))
    WHERE deleted_at IS NULL AND mobile <> '';
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('employee', 'employee_mobile', '1000000 500000 1');
--sqlite ANALYZE sqlite_schema;
ALTER TABLE organization ADD COLUMN union_salt TEXT NOT NULL DEFAULT '';
--sqlite UPDATE organization SET union_salt = lower(hex(randomblob(32)));
--postgres UPDATE organization SET union_salt = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
