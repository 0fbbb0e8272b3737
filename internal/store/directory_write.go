package store

import (
	"context"
	"errors"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// The row is locked from here to the commit: directory changes of one
	// organization, and its sends, follow one another.
	sqlUpdateDirectoryRevision = `UPDATE org_revision SET directory_revision = directory_revision + 1
		WHERE organization = $1 RETURNING directory_revision, next_ordinal`
	sqlUpdateNextOrdinal = `UPDATE org_revision SET next_ordinal = $2 WHERE organization = $1`

	sqlUpdateOrganization = `UPDATE organization SET corp_id = $2, name = $3, time_zone = $4, limits = $5,
		trusted_hosts = $6, retention = $7, created_at = $8, disabled_at = $9, contact = $10, reviews_others = $11, union_salt = $12 WHERE id = $1`
)

// Rows are written whole, new and changed ones by the same statement.
var (
	sqlUpsertDepartments = &insert{
		columns: 9, into: `INSERT INTO department
		(organization, id, parent_id, name, sort_order, source_identifier, directory_revision, created_at, deleted_at) VALUES`,
		suffix: `ON CONFLICT (organization, id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,
		sort_order = excluded.sort_order, source_identifier = excluded.source_identifier, directory_revision = excluded.directory_revision,
		deleted_at = excluded.deleted_at`,
	}
	sqlUpsertEmployees = &insert{
		columns: 14, into: `INSERT INTO employee
		(organization, ordinal, userid, dept_ids, directory_revision, disabled_at, deleted_at,
		name, mobile, email, job_number, title, roles, created_at) VALUES`,
		suffix: `ON CONFLICT (organization, ordinal) DO UPDATE SET userid = excluded.userid, dept_ids = excluded.dept_ids,
		directory_revision = excluded.directory_revision, disabled_at = excluded.disabled_at,
		deleted_at = excluded.deleted_at, name = excluded.name, mobile = excluded.mobile, email = excluded.email,
		job_number = excluded.job_number, title = excluded.title, roles = excluded.roles`,
	}
)

// errNothing rolls back a change that has nothing to write, so that it takes
// no revision.
var errNothing = errors.New("nothing to write")

func (s *directoryStore) ChangeDirectory(ctx context.Context, organization int64, decide directory.Decision) (int64, error) {
	return s.change(ctx, engine.Directory, organization, decide)
}

// ChangeDirectoryLater is ChangeDirectory behind everybody else.
func (s *directoryStore) ChangeDirectoryLater(ctx context.Context, organization int64, decide directory.Decision) (int64, error) {
	return s.change(ctx, engine.Background, organization, decide)
}

// change locks, asks, writes.
func (s *directoryStore) change(
	ctx context.Context, class engine.Class, organization int64, decide directory.Decision,
) (revision int64, err error) {
	var limits, ended bool
	err = s.db.administer(ctx, class, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		var at directory.Revision
		into := []any{&revision, &at.NextOrdinal}
		if err := needRow(ctx, tx, unknownOrganization, sqlUpdateDirectoryRevision, into, organization); err != nil {
			return nil, err
		}
		at.Directory = revision - 1
		changes, err := decide(ctx, directoryReader{on: tx, db: s.db}, at)
		if err != nil {
			return nil, err
		}
		if changes.Empty() {
			return nil, errNothing
		}
		if err := s.db.fileEvents(ctx, tx, organization, revision, changes); err != nil {
			return nil, err
		}
		if err := writeChanges(ctx, tx, organization, revision, changes); err != nil {
			return nil, err
		}
		limits = changes.Organization != nil // callers carry them
		ended, err = endCredentials(ctx, tx, organization, changes.Users)
		return changes.Entries, err
	}, when(&limits, advanceRevocations), when(&ended, advanceEndings))
	if errors.Is(err, errNothing) {
		return revision - 1, nil
	}
	return revision, err
}

func writeChanges(ctx context.Context, tx engine.Querier, organization, revision int64, c directory.Changes) error {
	if c.Organization != nil {
		values, err := organizationValues(*c.Organization)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlUpdateOrganization, values...); err != nil {
			return err
		}
	}
	if err := sqlUpsertDepartments.rows(ctx, tx, departmentValues(organization, revision, c.Departments)); err != nil {
		return err
	}
	if err := sqlUpsertEmployees.rows(ctx, tx, employeeValues(organization, revision, c.Users)); err != nil {
		return err
	}
	if c.NextOrdinal == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, sqlUpdateNextOrdinal, organization, int64(c.NextOrdinal))
	return err
}

func departmentValues(organization, revision int64, departments []directory.Department) []any {
	values := make([]any, 0, len(departments)*sqlUpsertDepartments.columns)
	for _, d := range departments {
		values = append(values, organization, d.ID, d.ParentID, d.Name, d.Order, d.SourceIdentifier, revision,
			d.CreatedAt.UnixMilli(), toNullMillis(d.DeletedAt))
	}
	return values
}

func employeeValues(organization, revision int64, users []directory.User) []any {
	values := make([]any, 0, len(users)*sqlUpsertEmployees.columns)
	for _, u := range users {
		values = append(values, organization, int64(u.Ordinal), u.Userid, directory.FormatDeptIDs(u.DeptIDs), revision,
			toNullMillis(u.DisabledAt), toNullMillis(u.DeletedAt), u.Name, u.Mobile, u.Email, u.JobNumber, u.Title,
			strings.Join(u.Roles, ","), u.CreatedAt.UnixMilli())
	}
	return values
}
