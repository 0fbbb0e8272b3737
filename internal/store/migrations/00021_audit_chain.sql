-- The audit log as a chain: each entry's mac covers the one before, with a key
-- that is not in the database. audit keeps the entries from before it.
--
-- audit_head is where an organization's chain stands; organization 0 is the
-- installation. Entries up to floor_n were deleted by a retention rule.
-- audit_private is what erasing a person takes away: addresses, devices, reasons.
-- audit_about finds entries by what, and by whom, they are about.

-- +goose Up
CREATE TABLE audit_head (
    organization BIGINT PRIMARY KEY,
    n            BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    mac          BYTES  NOT NULL,
    floor_n      BIGINT NOT NULL,
    floor_mac    BYTES  NOT NULL
);

CREATE TABLE audit_entry (
    organization BIGINT   NOT NULL,
    n            BIGINT   NOT NULL,
    at           BIGINT   NOT NULL,
    actor        TEXT     NOT NULL,
    credential   TEXT     NOT NULL,
    action       TEXT     NOT NULL,
    subject      TEXT     NOT NULL,
    version      BIGINT   NOT NULL,
    details      TEXT     NOT NULL,
    sealed       BYTES    NOT NULL,
    key_number   BIGINT   NOT NULL,
    mac          BYTES    NOT NULL,
    PRIMARY KEY (organization, n)
);
CREATE INDEX audit_entry_at ON audit_entry (organization, at, n);

CREATE TABLE audit_private (
    organization        BIGINT NOT NULL,
    n                   BIGINT NOT NULL,
    person_organization BIGINT NOT NULL,
    ordinal             BIGINT NOT NULL,
    salt                BYTES  NOT NULL,
    text                TEXT   NOT NULL,
    PRIMARY KEY (organization, n)
);
CREATE INDEX audit_private_person ON audit_private (person_organization, ordinal);

CREATE TABLE audit_about (
    organization BIGINT NOT NULL,
    subject      TEXT   NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (organization, subject, n)
);

CREATE INDEX audit_at ON audit (organization, at, id);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('audit', 'audit_at', '1000000 5000 2 1'),
--sqlite     ('audit_entry', 'sqlite_autoindex_audit_entry_1', '1000000 5000 1'),
--sqlite     ('audit_entry', 'audit_entry_at', '1000000 5000 2 1'),
--sqlite     ('audit_private', 'sqlite_autoindex_audit_private_1', '500000 2500 1'),
--sqlite     ('audit_private', 'audit_private_person', '500000 2500 10'),
--sqlite     ('audit_about', 'sqlite_autoindex_audit_about_1', '2000000 10000 20 1');
--sqlite ANALYZE sqlite_schema;
