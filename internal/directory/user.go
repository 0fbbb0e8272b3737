package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// User is an employee. DeptIDs ascend and are never empty, but for erased
// people, who have neither departments nor roles. DisabledAt and DeletedAt are
// zero for an active person.
type User struct {
	Ordinal    uint32
	Userid     string
	Name       string
	DeptIDs    []int64
	Mobile     string
	Email      string
	JobNumber  string
	Title      string
	Roles      []string // of policy.AllRoles, sorted
	CreatedAt  time.Time
	DisabledAt time.Time
	DeletedAt  time.Time
}

// NewUser describes a person to be added. No DeptIDs means the root
// department, no Roles means employee.
type NewUser struct {
	Userid    string
	Name      string
	DeptIDs   []int64
	Mobile    string
	Email     string
	JobNumber string
	Title     string
	Roles     []string
}

// UserChange says what to change; nil leaves a field as it is.
type UserChange struct {
	Name      *string
	DeptIDs   *[]int64
	Mobile    *string
	Email     *string
	JobNumber *string
	Title     *string
	Roles     *[]string
}

// The longest values, in characters.
const (
	maxUserid    = 64
	maxName      = 80
	maxMobile    = 50
	maxEmail     = 254
	maxJobNumber = 50
	maxTitle     = 200
)

// build checks the description; departments are checked against the tree by
// the caller.
func (n NewUser) build(now time.Time) (User, error) {
	if err := checkUserid(n.Userid); err != nil {
		return User{}, err
	}
	u := User{Userid: n.Userid, CreatedAt: milli(now)}
	roles, depts := n.Roles, n.DeptIDs
	if len(depts) == 0 {
		depts = []int64{RootID}
	}
	err := UserChange{
		Name: &n.Name, DeptIDs: &depts, Mobile: &n.Mobile, Email: &n.Email,
		JobNumber: &n.JobNumber, Title: &n.Title, Roles: &roles,
	}.apply(&u)
	return u, err
}

// apply changes u, or says which field is wrong.
func (c UserChange) apply(u *User) error {
	for _, f := range []struct {
		name     string
		from, to *string
		min, max int
	}{
		{"name", c.Name, &u.Name, 1, maxName},
		{"mobile", c.Mobile, &u.Mobile, 0, maxMobile},
		{"email", c.Email, &u.Email, 0, maxEmail},
		{"job_number", c.JobNumber, &u.JobNumber, 0, maxJobNumber},
		{"title", c.Title, &u.Title, 0, maxTitle},
	} {
		if f.from == nil {
			continue
		}
		text := strings.TrimSpace(*f.from)
		if err := checkText(f.name, text, f.min, f.max); err != nil {
			return err
		}
		*f.to = text
	}
	if c.Roles != nil {
		roles, err := cleanRoles(*c.Roles)
		if err != nil {
			return err
		}
		u.Roles = roles
	}
	if c.DeptIDs != nil {
		if len(*c.DeptIDs) == 0 {
			return fault.New(fault.CodeParameterInvalid, "a user belongs to at least one department").WithField("dept_ids")
		}
		u.DeptIDs = cleanIDs(*c.DeptIDs)
	}
	return nil
}

// checkUserid wants 1 to 64 visible characters. A comma separates userids on
// the wire and outer white space is trimmed there, so that neither could ever
// be addressed.
func checkUserid(userid string) error {
	n := utf8.RuneCountInString(userid)
	bad := func(r rune) bool { return !unicode.IsGraphic(r) || r == ',' || r == utf8.RuneError }
	if n == 0 || n > maxUserid || strings.ContainsFunc(userid, bad) || strings.TrimSpace(userid) != userid {
		return fault.New(fault.CodeParameterInvalid, "a userid has 1 to 64 visible characters, no comma, and no white space around it").
			WithField("userid").WithLimit(maxUserid, int64(n))
	}
	if isTombstone(userid) {
		return fault.New(fault.CodeParameterInvalid, "userids that begin with %s are those of erased people", tombstonePrefix).WithField("userid")
	}
	return nil
}

// checkText wants valid UTF-8 without control characters, min to max long.
func checkText(field, text string, minimum, maximum int) error {
	n := utf8.RuneCountInString(text)
	if n < minimum || n > maximum {
		return fault.New(fault.CodeParameterInvalid, "%s has %d characters; it takes %d to %d", field, n, minimum, maximum).
			WithField(field).WithLimit(int64(maximum), int64(n))
	}
	if !utf8.ValidString(text) {
		return fault.New(fault.CodeParameterInvalid, "%s is not valid UTF-8", field).WithField(field)
	}
	if r, found := message.Unseen(text); found {
		return fault.New(fault.CodeParameterInvalid, "%s holds U+%04X, which nobody can see", field, r).WithField(field)
	}
	return nil
}

func cleanRoles(roles []string) ([]string, error) {
	if len(roles) == 0 {
		return []string{string(policy.Employee)}, nil
	}
	for _, r := range roles {
		if !slices.Contains(policy.RoleNames(), r) {
			return nil, fault.New(fault.CodeParameterInvalid, "a role is one of %s", strings.Join(policy.RoleNames(), ", ")).WithField("roles")
		}
	}
	clean := slices.Clone(roles)
	slices.Sort(clean)
	return slices.Compact(clean), nil
}

func cleanIDs(ids []int64) []int64 {
	clean := slices.Clone(ids)
	slices.Sort(clean)
	return slices.Compact(clean)
}

// FormatDeptIDs is how department ids are stored: ascending, with commas.
func FormatDeptIDs(ids []int64) string {
	var b []byte
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(b)
}

// ParseDeptIDs reads what FormatDeptIDs wrote.
func ParseDeptIDs(text string) []int64 {
	if text == "" {
		return nil
	}
	ids := make([]int64, 0, strings.Count(text, ",")+1)
	for part := range strings.SplitSeq(text, ",") {
		if id, err := strconv.ParseInt(part, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func (u User) equal(v User) bool {
	return u.Ordinal == v.Ordinal && u.Userid == v.Userid && u.Name == v.Name &&
		u.Mobile == v.Mobile && u.Email == v.Email && u.JobNumber == v.JobNumber && u.Title == v.Title &&
		slices.Equal(u.DeptIDs, v.DeptIDs) && slices.Equal(u.Roles, v.Roles) &&
		u.DisabledAt.Equal(v.DisabledAt) && u.DeletedAt.Equal(v.DeletedAt)
}
