package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Directory keeps organizations, departments and users; it implements
// directory.Store.
type Directory struct {
	directoryReader

	db *DB
}

var _ directory.Store = (*Directory)(nil)

// Directory returns the part of the database that directory.Service needs.
func (d *DB) Directory() *Directory {
	return &Directory{directoryReader: directoryReader{on: d.read(), explain: d.explain}, db: d}
}

const organizationColumns = `id, corp_id, name, time_zone, limits, trusted_hosts, retention, created_at, disabled_at, contact,
	reviews_others`

const (
	organizationsAll      = `SELECT ` + organizationColumns + ` FROM organization ORDER BY id`
	organizationByID      = `SELECT ` + organizationColumns + ` FROM organization WHERE id = $1`
	organizationByCorpID  = `SELECT ` + organizationColumns + ` FROM organization WHERE corp_id = $1`
	directoryRevisionsAll = `SELECT organization, directory_revision FROM org_revision`

	organizationCreate = `INSERT INTO organization (` + organizationColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (corp_id) DO NOTHING`
	revisionCreate = `INSERT INTO org_revision (organization, revision, directory_revision, next_ordinal)
		VALUES ($1, 0, 1, 0)`
)

// Organizations returns all of them by ascending id.
func (d *Directory) Organizations(ctx context.Context) ([]directory.Organization, error) {
	rows, err := d.on.QueryContext(ctx, organizationsAll)
	if err != nil {
		return nil, d.explain(err)
	}
	defer rows.Close()
	var all []directory.Organization
	for rows.Next() {
		o, err := scanOrganization(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, d.explain(rows.Err())
}

// OrganizationByCorpID finds an organization by what the wire calls it.
func (d *Directory) OrganizationByCorpID(ctx context.Context, corpID string) (directory.Organization, error) {
	return d.organization(ctx, organizationByCorpID, corpID)
}

// DirectoryRevisions returns the directory revision of every organization.
func (d *Directory) DirectoryRevisions(ctx context.Context) (map[int64]int64, error) {
	rows, err := d.on.QueryContext(ctx, directoryRevisionsAll)
	if err != nil {
		return nil, d.explain(err)
	}
	defer rows.Close()
	all := map[int64]int64{}
	for rows.Next() {
		var organization, revision int64
		if err := rows.Scan(&organization, &revision); err != nil {
			return nil, err
		}
		all[organization] = revision
	}
	return all, d.explain(rows.Err())
}

// CreateOrganization stores an organization, its counters and its root
// department, and returns the id it was given.
func (d *Directory) CreateOrganization(
	ctx context.Context, o directory.Organization, root directory.Department, e audit.Entry,
) (int64, error) {
	ids, err := d.db.NextIDs(ctx, "organization", 1)
	if err != nil {
		return 0, err
	}
	o.ID, e.Organization = ids[0], ids[0]
	values, err := organizationValues(o)
	if err != nil {
		return 0, err
	}
	err = d.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		n, err := affected(tx.ExecContext(ctx, organizationCreate, values...))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fault.New(fault.CodeOrganizationExists, "the corp_id is taken").WithField("corp_id")
		}
		if _, err := tx.ExecContext(ctx, revisionCreate, o.ID); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, departmentRows.rows(ctx, tx, departmentValues(o.ID, 1, []directory.Department{root}))
	})
	return o.ID, err
}

// organizationValues are the values of organizationColumns.
func organizationValues(o directory.Organization) ([]any, error) {
	limits, err := o.Limits.Stored()
	if err != nil {
		return nil, fmt.Errorf("store: limits: %w", err)
	}
	hosts, err := json.Marshal(o.TrustedHosts)
	if err != nil {
		return nil, fmt.Errorf("store: trusted hosts: %w", err)
	}
	retention, err := json.Marshal(o.Retention)
	if err != nil {
		return nil, fmt.Errorf("store: retention: %w", err)
	}
	return []any{
		o.ID, o.CorpID, o.Name, o.TimeZone, string(limits), string(hosts), string(retention),
		o.CreatedAt.UnixMilli(), toNullMillis(o.DisabledAt), o.Contact, flag(o.ReviewsOthers),
	}, nil
}

type scanner interface{ Scan(into ...any) error }

func scanOrganization(row scanner) (directory.Organization, error) {
	var o directory.Organization
	var limits, hosts, retention string
	var created int64
	var disabled sql.NullInt64
	if err := row.Scan(
		&o.ID, &o.CorpID, &o.Name, &o.TimeZone, &limits, &hosts, &retention, &created, &disabled, &o.Contact, &o.ReviewsOthers,
	); err != nil {
		return o, err
	}
	var err error
	if o.Limits, err = policy.ReadLimits([]byte(limits)); err != nil {
		return o, fmt.Errorf("store: limits of organization %d: %w", o.ID, err)
	}
	if err := json.Unmarshal([]byte(hosts), &o.TrustedHosts); err != nil {
		return o, fmt.Errorf("store: trusted hosts of organization %d: %w", o.ID, err)
	}
	if err := json.Unmarshal([]byte(retention), &o.Retention); err != nil {
		return o, fmt.Errorf("store: retention of organization %d: %w", o.ID, err)
	}
	o.CreatedAt, o.DisabledAt = fromMillis(created), fromNullMillis(disabled)
	return o, nil
}
