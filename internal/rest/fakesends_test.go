package rest_test

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

// ourDraft is a notification in the name of our app.
const ourDraft = `{"agent_id":"` + ourAgent + `","message":{"msgtype":"text","text":{"content":"Hello"}},"audience":{"userids":["ann"],"dept_ids":["4"]}}`

func (s sent) Plan(_ context.Context, _ policy.Grant, d task.Draft) (task.Plan, error) {
	m, err := message.Decode(d.Message, message.Limits{})
	if err != nil {
		return task.Plan{}, err
	}
	p := task.Plan{Plan: notify.Plan{Message: m}}
	if !d.Audience.IsNobody() {
		people := roaring.BitmapOf(1, 2)
		p.To = &notify.PlannedTo{
			Resolved: directory.Resolved{DirectoryRevision: 9, Recipients: people, OutsideUser: roaring.BitmapOf(7), OutsideDept: roaring.New()},
			Decision: policy.Decision{Sent: people}, Audience: "digest", NamesOrganization: true,
		}
		p.Held, p.Departments = []task.Held{{Code: "50002", Count: 1}}, []directory.DepartmentShare{{DeptID: 4, Name: "Sales", People: 2}}
	}
	return p, s.note(fmt.Sprintf("plan %+v %d", d.Audience, d.UnreadOf))
}

func (s sent) Planned(
	_ context.Context, _ policy.Grant, d task.Draft, q task.RecipientQuery, after *task.Place, limit int,
) (task.RecipientPage, error) {
	err := s.note(fmt.Sprintf("planned %+v %v %d", q, after, limit))
	return task.RecipientPage{Items: []task.Recipient{{Ordinal: 5}}, Next: &task.Place{Ordinal: 5}, Total: 3, Matched: 3}, err
}

func (s sent) Send(_ context.Context, _ policy.Grant, _ task.Draft, seen task.Seen) (int64, error) {
	return ourTask, s.note(fmt.Sprintf("send %q %d %s %d %t", seen.Key, seen.Version, seen.Audience, seen.AtMost, seen.NamesOrganization))
}

func (s sent) Test(context.Context, policy.Grant, task.Draft) (int64, error) {
	return ourTask, s.note("test of a message")
}
