-- Which organizations' reviewers decide on the templates of other organizations'
-- third-party apps. None until the operator says so: what is in review then is
-- for the operator to decide.

-- +goose Up
ALTER TABLE organization ADD COLUMN reviews_others SMALLINT NOT NULL DEFAULT 0;

-- Templates that were deleted without anybody but their authors having seen them
-- were kept until now.
DELETE FROM template_version WHERE EXISTS (
    SELECT 1 FROM template t
    WHERE t.organization = template_version.organization AND t.id = template_version.template_id AND t.deleted_at IS NOT NULL
) AND NOT EXISTS (
    SELECT 1 FROM template_version s
    WHERE s.organization = template_version.organization AND s.template_id = template_version.template_id AND s.submitted_at IS NOT NULL
);
DELETE FROM template WHERE deleted_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM template_version s WHERE s.organization = template.organization AND s.template_id = template.id
);
