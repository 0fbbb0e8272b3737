package client

import (
	"context"
	"iter"
)

// User is a person, as far as the app may see them (docs/contract.md#contacts).
type User struct {
	Userid    string  `json:"userid"`
	UnionID   string  `json:"unionid"` // the same for all apps of one provider
	Name      string  `json:"name"`
	Mobile    string  `json:"mobile"` // empty for third-party apps
	Email     string  `json:"email"`  // empty for third-party apps
	JobNumber string  `json:"job_number"`
	Title     string  `json:"title"`
	DeptIDs   []int64 `json:"dept_id_list"`
	Active    bool    `json:"active"`
	Admin     bool    `json:"admin"` // an administrator or owner
}

// User looks a person up by userid. The errors are 60121 for nobody, 60120 for
// somebody who is disabled, and 50002 for somebody outside the app's range.
func (a *App) User(ctx context.Context, userid string) (User, error) {
	return ask[User](ctx, a, userPath+"get", map[string]any{"userid": userid})
}

// UserByMobile returns the userid of the person with a mobile. The errors are 60121
// for nobody, and for several, and 60011 for a third-party app.
func (a *App) UserByMobile(ctx context.Context, mobile string) (userid string, err error) {
	u, err := ask[User](ctx, a, userPath+"getbymobile", map[string]any{"mobile": mobile})
	return u.Userid, err
}

// UserByUnionID returns the userid of the person with a unionid; 60121 for nobody.
func (a *App) UserByUnionID(ctx context.Context, unionID string) (userid string, err error) {
	u, err := ask[User](ctx, a, "/topapi/user/getbyunionid", map[string]any{"unionid": unionID})
	return u.Userid, err
}

// Visitor is who has opened the app's page (docs/contract.md#page-codes).
type Visitor struct {
	Userid  string `json:"userid"`
	UnionID string `json:"unionid"`
	Name    string `json:"name"`
	Admin   bool   `json:"sys"`       // an administrator or owner
	Level   int    `json:"sys_level"` // 1 an owner, 2 an administrator, 0 neither
}

// Visitor takes the code that the app's page got by requestAuthCode. A code is good for
// five minutes and once: 40078 afterwards, and for the code of another app.
func (a *App) Visitor(ctx context.Context, code string) (Visitor, error) {
	return ask[Visitor](ctx, a, userPath+"getuserinfo", map[string]any{"code": code})
}

// UserPage is a piece of a department's people.
type UserPage struct {
	Users  []User `json:"list"`
	More   bool   `json:"has_more"`
	Cursor int64  `json:"next_cursor"` // where the next page begins
}

// UserPage returns people who are directly in a department, size of them at most (1
// to 100), by when they joined. It begins with cursor 0.
func (a *App) UserPage(ctx context.Context, deptID, cursor int64, size int) (UserPage, error) {
	return ask[UserPage](ctx, a, userPath+"list", map[string]any{"dept_id": deptID, "cursor": cursor, "size": size})
}

// Users goes through all people who are directly in a department. It ends with the
// first error.
func (a *App) Users(ctx context.Context, deptID int64) iter.Seq2[User, error] {
	const size = 100
	return func(yield func(User, error) bool) {
		for page := (UserPage{More: true}); page.More; {
			var err error
			if page, err = a.UserPage(ctx, deptID, page.Cursor, size); err != nil {
				yield(User{}, err)
				return
			}
			for _, u := range page.Users {
				if !yield(u, nil) {
					return
				}
			}
		}
	}
}

// Userids returns the userids of all people directly in a department.
func (a *App) Userids(ctx context.Context, deptID int64) ([]string, error) {
	r, err := ask[struct {
		Userids []string `json:"userid_list"`
	}](ctx, a, "/topapi/user/listid", map[string]any{"dept_id": deptID})
	return r.Userids, err
}

// CountUsers returns how many active people the app sees.
func (a *App) CountUsers(ctx context.Context) (int, error) {
	r, err := ask[struct {
		Count int `json:"count"`
	}](ctx, a, "/topapi/user/count", map[string]any{"only_active": true})
	return r.Count, err
}

// RootDepartment is the id of every organization's root.
const RootDepartment = 1

// Department is a department, as far as the app may see it.
type Department struct {
	ID       int64  `json:"dept_id"`
	Name     string `json:"name"`
	ParentID int64  `json:"parent_id"`    // 0 for the root, and where the app does not see it
	Order    int64  `json:"order"`        // of Department only
	Members  int64  `json:"member_count"` // active people in it and below it; of Department only

	// What the program that copies departments calls it itself, "" for none.
	SourceIdentifier string `json:"source_identifier"`
}

// Department looks a department up. The errors are 60003 for an unknown one and
// 50004 for one outside the app's range.
func (a *App) Department(ctx context.Context, deptID int64) (Department, error) {
	return ask[Department](ctx, a, departmentPath+"get", map[string]any{"dept_id": deptID})
}

// Departments returns those one level below a department, in their order; for 0
// those where the app's range begins.
func (a *App) Departments(ctx context.Context, deptID int64) ([]Department, error) {
	body := map[string]any{}
	if deptID != 0 {
		body["dept_id"] = deptID
	}
	return ask[[]Department](ctx, a, departmentPath+"listsub", body)
}

// Above returns the ids from a department itself up to the root.
func (a *App) Above(ctx context.Context, deptID int64) ([]int64, error) {
	r, err := ask[struct {
		IDs []int64 `json:"parent_id_list"`
	}](ctx, a, departmentPath+"listparentbydept", map[string]any{"dept_id": deptID})
	return r.IDs, err
}

// AboveUser returns Above for each department of a person. An unknown userid is
// 33012.
func (a *App) AboveUser(ctx context.Context, userid string) ([][]int64, error) {
	r, err := ask[struct {
		List []struct {
			IDs []int64 `json:"parent_dept_id_list"`
		} `json:"parent_list"`
	}](ctx, a, departmentPath+"listparentbyuser", map[string]any{"userid": userid})
	var all [][]int64
	for _, one := range r.List {
		all = append(all, one.IDs)
	}
	return all, err
}

// ask makes a call whose answer stands under result.
func ask[T any](ctx context.Context, a *App, path string, body any) (T, error) {
	var answer struct {
		Result T `json:"result"`
	}
	err := a.post(ctx, path, body, &answer)
	return answer.Result, err
}
