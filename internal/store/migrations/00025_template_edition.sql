-- The edition of the last save of a template, in whichever draft: a draft may be
-- discarded, and the next one with its number must not have an edition again.

-- +goose Up
ALTER TABLE template ADD COLUMN edition BIGINT NOT NULL DEFAULT 0;
UPDATE template SET edition = (
    SELECT MAX(v.edition) FROM template_version v WHERE v.organization = template.organization AND v.template_id = template.id
) WHERE EXISTS (
    SELECT 1 FROM template_version v WHERE v.organization = template.organization AND v.template_id = template.id
);
