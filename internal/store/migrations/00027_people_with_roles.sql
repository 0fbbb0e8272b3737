-- People with a role beyond employee, who are few: whom to ask for a role.

-- +goose Up
CREATE INDEX employee_with_role ON employee (organization, ordinal, roles) WHERE roles <> 'employee';
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('employee', 'employee_with_role', '1000 50 1 1');
--sqlite ANALYZE sqlite_schema;
