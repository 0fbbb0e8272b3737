package client

import "context"

// NewUser is somebody whom the app adds to the organization.
type NewUser struct {
	Userid    string  // "": the server makes one
	Name      string  // needed, like the next two
	Mobile    string  // which nobody else in the organization has
	DeptIDs   []int64 // 1 to 100 departments
	Email     string
	JobNumber string
	Title     string
}

// CreateUser adds a person and returns what names them from now on. It takes the scope
// contacts.write, as all changes do (docs/contract.md#changing-contacts). The errors are
// 60102 for a userid and 60104 for a mobile that somebody has, 60003 for an unknown
// department, and 50004 for one outside the app's range.
//
// A call whose answer is lost is not made again: ask with User whether the person is there.
func (a *App) CreateUser(ctx context.Context, n NewUser) (userid, unionID string, err error) {
	body := given(map[string]string{
		"userid": n.Userid, "name": n.Name, "mobile": n.Mobile, "email": n.Email, "job_number": n.JobNumber, "title": n.Title,
	})
	body["dept_id_list"] = commas(n.DeptIDs)
	made, err := change[struct {
		Userid  string `json:"userid"`
		UnionID string `json:"unionId"` // spelt so here
	}](ctx, a, userPath+"create", body, false)
	return made.Userid, made.UnionID, err
}

// UserChange is what becomes different of a person. What is empty stays as it is: the wire
// clears nothing.
type UserChange struct {
	Name      string
	Mobile    string
	Email     string
	JobNumber string
	Title     string
	DeptIDs   []int64 // all of them from now on, inside the app's range
}

// UpdateUser changes a person. The errors are those of CreateUser, 60121 for nobody, and
// 50002 for somebody outside the app's range.
func (a *App) UpdateUser(ctx context.Context, userid string, to UserChange) error {
	body := given(map[string]string{
		"userid": userid, "name": to.Name, "mobile": to.Mobile, "email": to.Email, "job_number": to.JobNumber, "title": to.Title,
	})
	if len(to.DeptIDs) > 0 {
		body["dept_id_list"] = commas(to.DeptIDs)
	}
	_, err := change[any](ctx, a, userPath+"update", body, true)
	return err
}

// DeleteUser takes a person out of the organization, for good. The errors are 33012 for
// nobody, 400002 for somebody with a role, and 50002 for somebody who is, if only with one
// department, outside the app's range.
func (a *App) DeleteUser(ctx context.Context, userid string) error {
	_, err := change[any](ctx, a, userPath+"delete", map[string]any{"userid": userid}, false)
	return err
}

// NewDepartment is a department that the app adds.
type NewDepartment struct {
	Name             string
	ParentID         int64
	Order            int64  // departments with lower numbers come first; 0 leaves it to the server
	SourceIdentifier string // what the app calls it itself, of 128 characters at most
}

// CreateDepartment adds a department and returns its id. The errors are 60021 for a name
// that its parent has already, 60001 for one that is no name, 60004 for an unknown parent,
// and 50004 for one outside the app's range.
//
// A call whose answer is lost is not made again: ask with Departments whether it is there.
func (a *App) CreateDepartment(ctx context.Context, n NewDepartment) (deptID int64, err error) {
	body := given(map[string]string{"name": n.Name, "source_identifier": n.SourceIdentifier})
	body["parent_id"] = n.ParentID
	if n.Order != 0 {
		body["order"] = n.Order
	}
	made, err := change[struct {
		ID int64 `json:"dept_id"`
	}](ctx, a, departmentPath+"create", body, false)
	return made.ID, err
}

// DepartmentChange is what becomes different of a department. What is empty stays as it
// is: the wire clears nothing.
type DepartmentChange struct {
	Name             string
	ParentID         int64  // 0: where it is
	Order            *int64 // nil: as it is
	SourceIdentifier string
}

// UpdateDepartment changes a department. The errors are those of CreateDepartment, 60003
// for an unknown one, 60018 for the root, and 60010 for a parent that is below it.
func (a *App) UpdateDepartment(ctx context.Context, deptID int64, to DepartmentChange) error {
	body := given(map[string]string{"name": to.Name, "source_identifier": to.SourceIdentifier})
	body["dept_id"] = deptID
	if to.ParentID != 0 {
		body["parent_id"] = to.ParentID
	}
	if to.Order != nil {
		body["order"] = *to.Order
	}
	_, err := change[any](ctx, a, departmentPath+"update", body, true)
	return err
}

// DeleteDepartment takes away a department that is empty. The errors are 60003 for an
// unknown one, 60005 and 60006 for one with people or departments in it, 60007 for the
// root, and 50004 for one outside the app's range.
func (a *App) DeleteDepartment(ctx context.Context, deptID int64) error {
	_, err := change[any](ctx, a, departmentPath+"delete", map[string]any{"dept_id": deptID}, false)
	return err
}

const (
	userPath       = "/topapi/v2/user/"
	departmentPath = "/topapi/v2/department/"
)

// given are the parameters that say something.
func given(texts map[string]string) map[string]any {
	body := map[string]any{}
	for name, text := range texts {
		if text != "" {
			body[name] = text
		}
	}
	return body
}

// change is ask for a call that changes something; again says that twice does the same as
// once.
func change[T any](ctx context.Context, a *App, path string, body any, again bool) (T, error) {
	var answer struct {
		Result T `json:"result"`
	}
	r, err := jsonRequest(path, body)
	if err == nil {
		r.again = again
		err = a.call(ctx, r, &answer)
	}
	return answer.Result, err
}
