-- What waits for review is read in pages, in the order in which it was submitted: of
-- one organization's internal apps, or of everybody's third-party apps. The indexes
-- hold what waits alone. state stands in them so that counting reads nothing else.

-- +goose Up
ALTER TABLE template_version ADD COLUMN third_party SMALLINT NOT NULL DEFAULT 0;
UPDATE template_version SET third_party = 1 WHERE EXISTS (
    SELECT 1 FROM template t JOIN app a ON a.organization = t.organization AND a.id = t.app_id
    WHERE t.organization = template_version.organization AND t.id = template_version.template_id AND a.kind = 'third_party'
);
DROP INDEX template_waiting;
CREATE INDEX template_waiting ON template_version (third_party, submitted_at, template_id, organization, state) WHERE state = 'in_review';
CREATE INDEX template_waiting_own ON template_version (organization, third_party, submitted_at, template_id, state) WHERE state = 'in_review';
CREATE INDEX template_waiting_id ON template_version (template_id) WHERE state = 'in_review';

-- Who took part in what waits, and so may not review it.
CREATE TABLE template_part (
    organization BIGINT   NOT NULL,
    template_id  TEXT     NOT NULL,
    actor        TEXT     NOT NULL,
    third_party  SMALLINT NOT NULL,
    submitted_at BIGINT   NOT NULL,
    PRIMARY KEY (organization, template_id, actor)
);
CREATE INDEX template_part_actor ON template_part (actor, third_party, submitted_at, template_id, organization);

-- Authors stand in a version with commas between them.
--postgres INSERT INTO template_part (organization, template_id, actor, third_party, submitted_at)
--postgres SELECT DISTINCT v.organization, v.template_id, p.actor, v.third_party, v.submitted_at
--postgres FROM template_version v, unnest(string_to_array(v.authors || ',' || v.submitted_by, ',')) AS p (actor)
--postgres WHERE v.state = 'in_review' AND p.actor <> '';
--sqlite INSERT INTO template_part (organization, template_id, actor, third_party, submitted_at)
--sqlite WITH RECURSIVE part (organization, template_id, third_party, submitted_at, actor, rest) AS (
--sqlite     SELECT organization, template_id, third_party, submitted_at, '', authors || ',' || submitted_by || ','
--sqlite     FROM template_version WHERE state = 'in_review'
--sqlite     UNION ALL
--sqlite     SELECT organization, template_id, third_party, submitted_at, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
--sqlite     FROM part WHERE rest <> ''
--sqlite )
--sqlite SELECT DISTINCT organization, template_id, actor, third_party, submitted_at FROM part WHERE actor <> '';

-- The numbers of a large organization; 00001_first.sql says why.
--sqlite DELETE FROM sqlite_stat1 WHERE idx = 'template_waiting';
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('template_version', 'template_waiting', '10000 5000 2 1 1 1'),
--sqlite     ('template_version', 'template_waiting_own', '10000 1000 500 2 1 1'),
--sqlite     ('template_version', 'template_waiting_id', '10000 1'),
--sqlite     ('template_part', 'sqlite_autoindex_template_part_1', '20000 2000 2 1'),
--sqlite     ('template_part', 'template_part_actor', '20000 200 100 2 1 1');
--sqlite ANALYZE sqlite_schema;
