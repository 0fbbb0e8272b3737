package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// directoryReader implements directory.Reader on a pool or in a transaction.
type directoryReader struct {
	on      engine.Querier
	explain func(error) error
}

// memberColumns are the first columns of a row, so that the wide ones behind
// them are never walked. The state is told in one number.
const memberColumns = `ordinal, userid, dept_ids,
	CASE WHEN deleted_at IS NOT NULL THEN 2 WHEN disabled_at IS NOT NULL THEN 1 ELSE 0 END`

const userColumns = `ordinal, userid, dept_ids, disabled_at, deleted_at,
	name, mobile, email, job_number, title, roles, created_at`

const (
	directoryRevision = `SELECT directory_revision, next_ordinal FROM org_revision WHERE organization = $1`

	departmentsSince = `SELECT id, parent_id, name, sort_order, created_at, deleted_at
		FROM department WHERE organization = $1 AND directory_revision > $2`
	membersSince = `SELECT ` + memberColumns + `
		FROM employee WHERE organization = $1 AND directory_revision > $2`
	membersBetween = `SELECT ` + memberColumns + `
		FROM employee WHERE organization = $1 AND ordinal >= $2 AND ordinal < $3`
	usersFrom = `SELECT ` + userColumns + `
		FROM employee WHERE organization = $1 AND ordinal >= $2 AND disabled_at IS NULL AND deleted_at IS NULL
		ORDER BY ordinal LIMIT $3`
	usersByOrdinal = `SELECT ` + userColumns + `
		FROM employee WHERE organization = $1 AND ordinal IN (%s)`
)

// DirectoryRevision returns where the organization's directory stands.
func (r directoryReader) DirectoryRevision(ctx context.Context, organization int64) (directory.Revision, error) {
	var directoryAt, next int64
	err := r.on.QueryRowContext(ctx, directoryRevision, organization).Scan(&directoryAt, &next)
	if errors.Is(err, sql.ErrNoRows) {
		return directory.Revision{}, unknownOrganization()
	}
	if err != nil {
		return directory.Revision{}, r.explain(err)
	}
	n, err := toOrdinal(next)
	return directory.Revision{Directory: directoryAt, NextOrdinal: n}, err
}

// OrganizationByID finds an organization.
func (r directoryReader) OrganizationByID(ctx context.Context, id int64) (directory.Organization, error) {
	return r.organization(ctx, organizationByID, id)
}

func (r directoryReader) organization(ctx context.Context, query string, key any) (directory.Organization, error) {
	o, err := scanOrganization(r.on.QueryRowContext(ctx, query, key))
	if errors.Is(err, sql.ErrNoRows) {
		return o, unknownOrganization()
	}
	return o, r.explain(err)
}

// DepartmentsSince returns what changed after a revision, deleted ones too.
func (r directoryReader) DepartmentsSince(ctx context.Context, organization, revision int64) ([]directory.Department, error) {
	rows, err := r.on.QueryContext(ctx, departmentsSince, organization, revision)
	if err != nil {
		return nil, r.explain(err)
	}
	defer rows.Close()
	var all []directory.Department
	for rows.Next() {
		var d directory.Department
		var created int64
		var deleted sql.NullInt64
		if err := rows.Scan(&d.ID, &d.ParentID, &d.Name, &d.Order, &created, &deleted); err != nil {
			return nil, r.explain(err)
		}
		d.CreatedAt, d.DeletedAt = fromMillis(created), fromNullMillis(deleted)
		all = append(all, d)
	}
	return all, r.explain(rows.Err())
}

// MembersSince calls each for everybody changed after a revision.
func (r directoryReader) MembersSince(ctx context.Context, organization, revision int64, each func(directory.Member)) error {
	return r.members(ctx, each, membersSince, organization, revision)
}

// MembersBetween calls each for a range of ordinals, the end left out.
func (r directoryReader) MembersBetween(ctx context.Context, organization int64, from, to uint32, each func(directory.Member)) error {
	return r.members(ctx, each, membersBetween, organization, int64(from), int64(to))
}

func (r directoryReader) members(ctx context.Context, each func(directory.Member), query string, args ...any) error {
	rows, err := r.on.QueryContext(ctx, query, args...)
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	// A million rows pass here: scanning into any takes what the driver has
	// as it is, without the conversions by reflection.
	var ordinal, userid, depts, state any
	into := []any{&ordinal, &userid, &depts, &state}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return r.explain(err)
		}
		m, err := toMember(ordinal, userid, depts, state)
		if err != nil {
			return err
		}
		each(m)
	}
	return r.explain(rows.Err())
}

func toMember(ordinal, userid, depts, state any) (m directory.Member, err error) {
	o, okO := ordinal.(int64)
	s, okS := state.(int64)
	var okU, okD bool
	m.Userid, okU = userid.(string)
	m.Depts, okD = depts.(string)
	if !okO || !okS || !okU || !okD {
		return m, fmt.Errorf("store: a member came as %T, %T, %T, %T", ordinal, userid, depts, state)
	}
	m.State = directory.State(s) // the query yields 0 to 2
	m.Ordinal, err = toOrdinal(o)
	return m, err
}

// UsersFrom returns whole rows of active people by ascending ordinal.
func (d *Directory) UsersFrom(ctx context.Context, organization int64, ordinal uint32, limit int) ([]directory.User, error) {
	return d.users(ctx, nil, usersFrom, organization, int64(ordinal), limit)
}

// UsersByOrdinal returns whole rows; missing ones are absent.
func (r directoryReader) UsersByOrdinal(ctx context.Context, organization int64, ordinals []uint32) ([]directory.User, error) {
	users := make([]directory.User, 0, len(ordinals))
	ids := make([]int64, len(ordinals))
	for i, o := range ordinals {
		ids[i] = int64(o)
	}
	err := eachIn(ids, 2, func(list string, args []any) (err error) {
		users, err = r.users(ctx, users, fmt.Sprintf(usersByOrdinal, list), append([]any{organization}, args...)...)
		return err
	})
	return users, err
}

func (r directoryReader) users(ctx context.Context, users []directory.User, query string, args ...any) ([]directory.User, error) {
	rows, err := r.on.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, r.explain(err)
		}
		users = append(users, u)
	}
	return users, r.explain(rows.Err())
}

func scanUser(row scanner) (directory.User, error) {
	var u directory.User
	var ordinal, created int64
	var depts, roles string
	var disabled, deleted sql.NullInt64
	err := row.Scan(&ordinal, &u.Userid, &depts, &disabled, &deleted,
		&u.Name, &u.Mobile, &u.Email, &u.JobNumber, &u.Title, &roles, &created)
	if err != nil {
		return u, err
	}
	u.DeptIDs = directory.ParseDeptIDs(depts)
	if roles != "" {
		u.Roles = strings.Split(roles, ",")
	}
	u.CreatedAt, u.DisabledAt, u.DeletedAt = fromMillis(created), fromNullMillis(disabled), fromNullMillis(deleted)
	u.Ordinal, err = toOrdinal(ordinal)
	return u, err
}

func toOrdinal(n int64) (uint32, error) {
	if n < 0 || n > math.MaxUint32 {
		return 0, fmt.Errorf("store: %d is no ordinal", n)
	}
	return uint32(n), nil
}

func unknownOrganization() error {
	return fault.New(fault.CodeOrganizationUnknown, "the organization is not known")
}
