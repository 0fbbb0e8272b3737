package rest

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/task"
)

const recipientsText = "Everyone whom a task names ends in one of the lists sent, held, failed and invalid; read and unread are what sent is made of, " +
	"as of counted_at. People come in the order in which they were entered into the directory, or with order=newest whoever has read last " +
	"first, where at most 50,000 have read. Where receipts are no longer kept, read and unread are refused with receipts_dropped."

// RecipientsQuery is which people of a task are asked for.
type RecipientsQuery struct {
	TaskPath
	RecipientFilter
	After string `query:"after" maxLength:"40" doc:"next_after of the page before this one."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"100" doc:"Most people of the page."`
	Order string `query:"order" enum:"directory,newest" default:"directory" doc:"newest: of list=read, whoever has read last first."`
}

// RecipientFilter chooses people of a task.
type RecipientFilter struct {
	List   string `query:"list" enum:"sent,read,unread,held,failed,invalid" default:"sent" doc:"The list."`
	Q      string `query:"q" maxLength:"120" doc:"Only those with this in the name, the userid or the job number, whatever the case; of invalid in what was named."`
	DeptID string `query:"dept_id" pattern:"^[0-9]{1,16}$" doc:"Only those who are in this department or below it now."`
	Code   string `query:"code" maxLength:"64" doc:"Only those held back for this reason; of invalid only ids that were this."`
}

func (f *RecipientFilter) query() task.RecipientQuery {
	q := task.RecipientQuery{List: task.List(f.List), Text: f.Q, Code: f.Code}
	q.DeptID, _ = strconv.ParseInt(f.DeptID, 10, 64) // digits by the schema, few enough
	return q
}

// RecipientList is the answer of listRecipients.
type RecipientList struct {
	Items     []Recipient `json:"items" doc:"The people."`
	NextAfter *string     `json:"next_after" doc:"Goes into after for the next page; null at the end."`
	Total     int         `json:"total" doc:"How many are in the list."`
	Matched   int         `json:"matched" doc:"How many of them q, dept_id and code choose."`
	CountedAt *time.Time  `json:"counted_at" doc:"As of when it is known who has read, 5 seconds ago at most; null for lists that do not change."`
}

// Recipient is somebody whom a task names, or an id that meant nobody.
type Recipient struct {
	Userid      *string               `json:"userid" doc:"The person; those whose data was erased have a stand-in. Null for a department that was named and meant nobody."`
	Given       *string               `json:"given" doc:"Of list=invalid the userid or dept_id as it was named; otherwise null."`
	Name        string                `json:"name" doc:"What the person is called now; of list=invalid what the id is called now, or empty."`
	JobNumber   string                `json:"job_number" doc:"The person's job number; may be empty."`
	Departments []RecipientDepartment `json:"departments" doc:"Where the person is now, or was last."`
	State       *string               `json:"state" enum:"active,disabled,deleted" doc:"What has become of the person; null for an id that meant nobody."`
	ReadAt      *time.Time            `json:"read_at" doc:"When the person has read it, of list=read; otherwise null."`
	Code        *string               `json:"code" doc:"Why the person was held back, or what the id was: unknown, disabled or deleted; null where nothing says so."`
	Threshold   *int64                `json:"threshold" doc:"The limit that was hit; null where the reason has none."`
}

// RecipientDepartment is a department with where it stands.
type RecipientDepartment struct {
	DeptID string `json:"dept_id" doc:"The department."`
	Path   string `json:"path" doc:"The names from below the root, with slashes; empty for one that is gone."`
}

type recipientsAnswer struct{ Body RecipientList }

func (t *tasks) recipients(ctx context.Context, v *route.Visit, in *RecipientsQuery) (*recipientsAnswer, error) {
	one, g, err := t.at(ctx, v, in.TaskPath)
	if err != nil {
		return nil, err
	}
	after, err := in.place()
	if err != nil {
		return nil, err
	}
	read := t.room.Recipients
	if in.Order == "newest" {
		read = t.room.NewestReaders
	}
	page, err := read(ctx, g, one, in.query(), after, in.Limit)
	if err != nil {
		return nil, err
	}
	return t.recipientPage(ctx, v, &page)
}

// recipientPage writes a page of people.
func (t *tasks) recipientPage(ctx context.Context, v *route.Visit, page *task.RecipientPage) (_ *recipientsAnswer, err error) {
	w := recipientWriter{people: t.people, organization: v.Viewer.Organization, paths: map[int64]string{}}
	list := RecipientList{Total: page.Total, Matched: page.Matched, CountedAt: moment(page.CountedAt)}
	if list.Items, err = w.write(ctx, page.Items); err != nil {
		return nil, err
	}
	if page.Next != nil {
		next := strconv.FormatInt(page.Next.Ordinal, 10)
		if !page.Next.ReadAt.IsZero() {
			next = strconv.FormatInt(page.Next.ReadAt.UnixMilli(), 10) + "-" + next
		}
		list.NextAfter = &next
	}
	return &recipientsAnswer{list}, nil
}

// place reads after, and refuses what is of another order.
func (in *RecipientsQuery) place() (*task.Place, error) {
	newest := in.Order == "newest"
	if newest && in.List != string(task.ListRead) {
		return nil, fault.New(fault.CodeParameterInvalid, "order=newest is for list=read").WithField("order")
	}
	if in.After == "" {
		return nil, nil
	}
	at, ordinal, timed := strings.Cut(in.After, "-")
	if !timed {
		at, ordinal = "0", at
	}
	ms, err1 := strconv.ParseUint(at, 10, 50)
	n, err2 := strconv.ParseUint(ordinal, 10, 32)
	if err1 != nil || err2 != nil || timed != newest {
		return nil, fault.New(fault.CodeParameterInvalid, "after is no next_after of a page in this order").WithField("after")
	}
	place := &task.Place{Ordinal: int64(n)}
	if timed {
		place.ReadAt = time.UnixMilli(int64(ms)).UTC()
	}
	return place, nil
}

// recipientWriter says who people are. It remembers departments.
type recipientWriter struct {
	people       People
	organization int64
	paths        map[int64]string
}

func (w *recipientWriter) write(ctx context.Context, some []task.Recipient) ([]Recipient, error) {
	all := make([]Recipient, len(some))
	if len(some) > 0 && some[0].Invalid {
		return all, w.invalid(ctx, some, all)
	}
	ordinals := make([]uint32, len(some))
	for i, r := range some {
		ordinals[i] = r.Ordinal
	}
	people, err := w.people.PeopleByOrdinal(ctx, w.organization, ordinals)
	if err != nil {
		return nil, err
	}
	if err := w.meet(ctx, slices.Collect(maps.Values(people))...); err != nil {
		return nil, err
	}
	for i, r := range some {
		u := people[r.Ordinal]
		state := u.State().String()
		all[i] = Recipient{
			Userid: &u.Userid, Name: u.Name, JobNumber: u.JobNumber, Departments: w.departments(u.DeptIDs), State: &state,
			ReadAt: moment(r.ReadAt), Code: textOrNull(r.Code), Threshold: threshold(r.Threshold),
		}
	}
	return all, nil
}

// meet looks up where people are.
func (w *recipientWriter) meet(ctx context.Context, users ...directory.User) error {
	var unknown []int64
	for _, u := range users {
		for _, id := range u.DeptIDs {
			if _, known := w.paths[id]; !known {
				w.paths[id] = ""
				unknown = append(unknown, id)
			}
		}
	}
	paths, err := w.people.Paths(ctx, w.organization, unknown)
	maps.Copy(w.paths, paths)
	return err
}

func (w *recipientWriter) departments(ids []int64) []RecipientDepartment {
	all := make([]RecipientDepartment, len(ids))
	for i, id := range ids {
		all[i] = RecipientDepartment{strconv.FormatInt(id, 10), w.paths[id]}
	}
	return all
}

// invalid writes ids that meant nobody, with what they are called now.
func (w *recipientWriter) invalid(ctx context.Context, some []task.Recipient, into []Recipient) error {
	var userids []string
	var depts []int64
	for _, r := range some {
		if r.DeptID != 0 {
			depts = append(depts, r.DeptID)
		} else {
			userids = append(userids, r.Given)
		}
	}
	names, deptNames, err := w.people.Names(ctx, w.organization, userids, depts)
	if err != nil {
		return err
	}
	for i, r := range some {
		given := r.Given
		into[i] = Recipient{Given: &given, Departments: []RecipientDepartment{}, Code: textOrNull(r.Code)}
		if r.DeptID != 0 {
			into[i].Name = deptNames[r.DeptID]
		} else {
			into[i].Userid, into[i].Name = &given, names[given]
		}
	}
	return nil
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func threshold(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
