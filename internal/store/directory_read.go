package store

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// directoryReader reads a directory outside transactions or in one.
type directoryReader struct {
	on engine.Querier
	db *DB
}

const (
	// memberColumns are the first columns of a row, so that the wide ones behind
	// them are never walked. The state is told in one number.
	memberColumns = `ordinal, userid, dept_ids,
	CASE WHEN deleted_at IS NOT NULL THEN 2 WHEN disabled_at IS NOT NULL THEN 1 ELSE 0 END`

	userColumns = `ordinal, userid, dept_ids, disabled_at, deleted_at,
	name, mobile, email, job_number, title, roles, created_at`

	sqlSelectDirectoryRevision = `SELECT directory_revision, next_ordinal FROM org_revision WHERE organization = $1`

	sqlSelectDepartmentsSince = `SELECT id, parent_id, name, sort_order, source_identifier, created_at, deleted_at
		FROM department WHERE organization = $1 AND directory_revision > $2`
	sqlSelectMembersSince = `SELECT ` + memberColumns + `
		FROM employee WHERE organization = $1 AND directory_revision > $2`
	sqlSelectMembersBetween = `SELECT ` + memberColumns + `
		FROM employee WHERE organization = $1 AND ordinal >= $2 AND ordinal < $3`
	sqlSelectNamesBetween = `SELECT ordinal, userid, name, job_number
		FROM employee WHERE organization = $1 AND ordinal >= $2 AND ordinal < $3 ORDER BY ordinal`
	sqlSelectMobilesBetween = `SELECT ordinal, mobile
		FROM employee WHERE organization = $1 AND ordinal >= $2 AND ordinal < $3 AND mobile <> '' AND disabled_at IS NULL AND deleted_at IS NULL`
	sqlSelectUsersFrom = `SELECT ` + userColumns + `
		FROM employee WHERE organization = $1 AND ordinal >= $2 AND disabled_at IS NULL AND deleted_at IS NULL
		ORDER BY ordinal LIMIT $3`
	// The expression has the index.
	sqlSelectUsersByMobile = `SELECT ` + userColumns + `
		FROM employee WHERE organization = $1 AND deleted_at IS NULL AND mobile <> ''
		AND replace(replace(replace(replace(replace(replace(replace(replace(mobile, '+', ''), '-', ''), '(', ''), ')', ''), ' ', ''), '.', ''), '·', ''), '/', '') IN (%s)`
	// The first condition has the index of those with a role, which knows their roles.
	sqlSelectUsersWithRole = `SELECT ` + userColumns + `
		FROM employee WHERE organization = $1 AND roles <> 'employee' AND roles LIKE $2
		AND disabled_at IS NULL AND deleted_at IS NULL ORDER BY ordinal LIMIT $3`
	sqlSelectUsersByOrdinal = `SELECT ` + userColumns + `
		FROM employee WHERE organization = $1 AND ordinal IN (%s)`
)

func (r directoryReader) DirectoryRevision(ctx context.Context, organization int64) (at directory.Revision, err error) {
	into := []any{&at.Directory, &at.NextOrdinal}
	err = needRow(ctx, r.on, unknownOrganization, sqlSelectDirectoryRevision, into, organization)
	return at, r.db.toFault(err)
}

func (r directoryReader) OrganizationByID(ctx context.Context, id int64) (directory.Organization, error) {
	return r.organization(ctx, sqlSelectOrganizationByID, id)
}

func (r directoryReader) organization(ctx context.Context, query string, key any) (o directory.Organization, err error) {
	err = needRow(ctx, r.on, unknownOrganization, query, organizationInto(&o), key)
	return o, r.db.toFault(err)
}

func (r directoryReader) DepartmentsSince(ctx context.Context, organization, revision int64) ([]directory.Department, error) {
	all, err := readRows(ctx, r.on, sqlSelectDepartmentsSince, func(d *directory.Department) []any {
		return []any{&d.ID, &d.ParentID, &d.Name, &d.Order, &d.SourceIdentifier, (*millis)(&d.CreatedAt), (*millis)(&d.DeletedAt)}
	}, organization, revision)
	return all, r.db.toFault(err)
}

func (r directoryReader) MembersSince(ctx context.Context, organization, revision int64, each func(directory.Member)) error {
	return r.members(ctx, each, sqlSelectMembersSince, organization, revision)
}

func (r directoryReader) MembersBetween(ctx context.Context, organization int64, from, to uint32, each func(directory.Member)) error {
	return r.members(ctx, each, sqlSelectMembersBetween, organization, int64(from), int64(to))
}

func (r directoryReader) members(ctx context.Context, each func(directory.Member), query string, args ...any) error {
	// A million rows pass here: scanning into any takes what the driver has
	// as it is, without the conversions by reflection.
	var number, userid, depts, state any
	err := readEach(ctx, r.on, query, []any{&number, &userid, &depts, &state}, func() error {
		m, err := toMember(number, userid, depts, state)
		if err == nil {
			each(m)
		}
		return err
	}, args...)
	return r.db.toFault(err)
}

func (r directoryReader) NamesBetween(ctx context.Context, organization int64, from, to uint32, each func(directory.Named)) error {
	// As in members: a million rows pass here too.
	var ordinal, userid, name, jobNumber any
	err := readEach(ctx, r.on, sqlSelectNamesBetween, []any{&ordinal, &userid, &name, &jobNumber}, func() error {
		n, okN := ordinal.(int64)
		u, okU := userid.(string)
		a, okA := name.(string)
		j, okJ := jobNumber.(string)
		if !okN || !okU || !okA || !okJ {
			return fmt.Errorf("store: a name came as %T, %T, %T, %T", ordinal, userid, name, jobNumber)
		}
		each(directory.Named{Ordinal: uint32(n), Userid: u, Name: a, JobNumber: j}) // no ordinal is above the bounds
		return nil
	}, organization, int64(from), int64(to))
	return r.db.toFault(err)
}

func (r directoryReader) MobilesBetween(ctx context.Context, organization int64, from, to uint32, each func(uint32, string)) error {
	var ordinal int64
	var mobile string
	err := readEach(ctx, r.on, sqlSelectMobilesBetween, []any{&ordinal, &mobile}, func() error {
		each(uint32(ordinal), mobile) // none is above the bounds
		return nil
	}, organization, int64(from), int64(to))
	return r.db.toFault(err)
}

func toMember(number, userid, depts, state any) (m directory.Member, err error) {
	n, okN := number.(int64)
	s, okS := state.(int64)
	var okU, okD bool
	m.Userid, okU = userid.(string)
	m.Depts, okD = depts.(string)
	if !okN || !okS || !okU || !okD {
		return m, fmt.Errorf("store: a member came as %T, %T, %T, %T", number, userid, depts, state)
	}
	m.State = directory.State(s) // the query yields 0 to 2
	if n < 0 || n > math.MaxUint32 {
		err = fmt.Errorf("store: %d is no ordinal", n)
	}
	m.Ordinal = uint32(n)
	return m, err
}

func (s *directoryStore) UsersFrom(ctx context.Context, organization int64, from uint32, limit int) ([]directory.User, error) {
	users, err := readRows(ctx, s.on, sqlSelectUsersFrom, userInto, organization, int64(from), limit)
	return users, s.db.toFault(err)
}

func (r directoryReader) UsersWithRole(ctx context.Context, organization int64, role policy.Role, limit int) ([]directory.User, error) {
	users, err := readRows(ctx, r.on, sqlSelectUsersWithRole, userInto, organization, "%"+string(role)+"%", limit)
	return users, r.db.toFault(err)
}

func (r directoryReader) UsersByOrdinal(ctx context.Context, organization int64, ordinals []uint32) ([]directory.User, error) {
	users := make([]directory.User, 0, len(ordinals))
	ids := make([]int64, len(ordinals))
	for i, o := range ordinals {
		ids[i] = int64(o)
	}
	var u directory.User
	err := readEachIn(ctx, r.on, sqlSelectUsersByOrdinal, []any{organization}, ids, userInto(&u), func() error {
		users = append(users, u)
		return nil
	})
	return users, r.db.toFault(err)
}

func (r directoryReader) UsersByMobile(ctx context.Context, organization int64, forms []string) ([]directory.User, error) {
	var users []directory.User
	var u directory.User
	err := readEachIn(ctx, r.on, sqlSelectUsersByMobile, []any{organization}, forms, userInto(&u), func() error {
		users = append(users, u)
		return nil
	})
	return users, r.db.toFault(err)
}

// userInto is where userColumns go.
func userInto(u *directory.User) []any {
	depts := column(func(b []byte) error {
		u.DeptIDs = directory.ParseDeptIDs(string(b))
		return nil
	})
	roles := column(func(b []byte) error {
		u.Roles = nil
		if len(b) > 0 {
			u.Roles = strings.Split(string(b), ",")
		}
		return nil
	})
	return []any{
		&u.Ordinal, &u.Userid, depts, (*millis)(&u.DisabledAt), (*millis)(&u.DeletedAt),
		&u.Name, &u.Mobile, &u.Email, &u.JobNumber, &u.Title, roles, (*millis)(&u.CreatedAt),
	}
}

func unknownOrganization() error {
	return fault.New(fault.CodeOrganizationUnknown, "the organization is not known")
}
