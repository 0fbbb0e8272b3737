package store

import (
	"context"
	"database/sql"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Directory keeps organizations, departments and users.
func (d *DB) Directory() directory.Store {
	return &directoryStore{directoryReader{on: d.read(), db: d}}
}

type directoryStore struct{ directoryReader }

const (
	organizationColumns = `id, corp_id, name, time_zone, limits, trusted_hosts, retention, created_at, disabled_at, contact,
	reviews_others, union_salt`

	sqlSelectOrganizations        = `SELECT ` + organizationColumns + ` FROM organization ORDER BY id`
	sqlSelectOrganizationByID     = `SELECT ` + organizationColumns + ` FROM organization WHERE id = $1`
	sqlSelectOrganizationByCorpID = `SELECT ` + organizationColumns + ` FROM organization WHERE corp_id = $1`
	sqlSelectDirectoryRevisions   = `SELECT organization, directory_revision FROM org_revision`

	sqlInsertOrganization = `INSERT INTO organization (` + organizationColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (corp_id) DO NOTHING`
	sqlInsertRevision = `INSERT INTO org_revision (organization, revision, directory_revision, next_ordinal)
		VALUES ($1, 0, 1, 0)`
)

func (s *directoryStore) Organizations(ctx context.Context) ([]directory.Organization, error) {
	all, err := readRows(ctx, s.on, sqlSelectOrganizations, organizationInto)
	return all, s.db.toFault(err)
}

func (s *directoryStore) OrganizationByCorpID(ctx context.Context, corpID string) (directory.Organization, error) {
	return s.organization(ctx, sqlSelectOrganizationByCorpID, corpID)
}

func (s *directoryStore) DirectoryRevisions(ctx context.Context) (map[int64]int64, error) {
	all := map[int64]int64{}
	var organization, revision int64
	err := readEach(ctx, s.on, sqlSelectDirectoryRevisions, []any{&organization, &revision}, func() error {
		all[organization] = revision
		return nil
	})
	return all, s.db.toFault(err)
}

func (s *directoryStore) CreateOrganization(
	ctx context.Context, o directory.Organization, root directory.Department, e audit.Entry,
) (int64, error) {
	ids, err := s.db.NextIDs(ctx, "organization", 1)
	if err != nil {
		return 0, err
	}
	o.ID, e.Organization = ids[0], ids[0]
	err = s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		return []audit.Entry{e}, insertOrganization(ctx, tx, o, root)
	})
	return o.ID, err
}

// insertOrganization writes an organization with its root department, at directory
// revision 1. It fails with organization_exists.
func insertOrganization(ctx context.Context, tx engine.Querier, o directory.Organization, root directory.Department) error {
	values, err := organizationValues(o)
	if err != nil {
		return err
	}
	n, err := affected(tx.ExecContext(ctx, sqlInsertOrganization, values...))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.CodeOrganizationExists, "the corp_id is taken").WithField("corp_id")
	}
	if _, err := tx.ExecContext(ctx, sqlInsertRevision, o.ID); err != nil {
		return err
	}
	return sqlUpsertDepartments.rows(ctx, tx, departmentValues(o.ID, 1, []directory.Department{root}))
}

// organizationValues are the values of organizationColumns.
func organizationValues(o directory.Organization) ([]any, error) {
	var to encoder
	values := []any{
		o.ID, o.CorpID, o.Name, o.TimeZone, to.limits(o.Limits), to.json(o.TrustedHosts), to.json(o.Retention),
		o.CreatedAt.UnixMilli(), toNullMillis(o.DisabledAt), o.Contact, flag(o.ReviewsOthers), o.UnionSalt,
	}
	return values, to.err
}

// organizationInto is where organizationColumns go.
func organizationInto(o *directory.Organization) []any {
	return []any{
		&o.ID, &o.CorpID, &o.Name, &o.TimeZone, asLimits(&o.Limits), asJSON(&o.TrustedHosts), asJSON(&o.Retention),
		(*millis)(&o.CreatedAt), (*millis)(&o.DisabledAt), &o.Contact, &o.ReviewsOthers, &o.UnionSalt,
	}
}

// limits is what asLimits reads.
func (e *encoder) limits(l policy.Limits) string {
	b, err := l.Stored()
	e.keep(err)
	return string(b)
}

func asLimits(into *policy.Limits) sql.Scanner {
	return column(func(b []byte) (err error) {
		*into, err = policy.ReadLimits(b)
		return err
	})
}
