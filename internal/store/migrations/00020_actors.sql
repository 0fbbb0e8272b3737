-- Who submitted or decided a version is nobody where nobody did: drafts held
-- "operator" there. The operator's own steps keep it.

-- +goose Up
UPDATE template_version SET submitted_by = '' WHERE submitted_at IS NULL;
UPDATE template_version SET decided_by = '' WHERE decided_at IS NULL;
