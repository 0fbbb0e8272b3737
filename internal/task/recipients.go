package task

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
)

const (
	// MaxRecipients is the most people of a page.
	MaxRecipients = 200
	// newestOf is of how many readers the newest can be shown: they are sorted.
	newestOf = 50_000
)

// List is one of the lists in which whoever a task names ends.
type List string

// The lists. Read and unread are what sent is made of.
const (
	ListSent    List = "sent"
	ListRead    List = "read"
	ListUnread  List = "unread"
	ListHeld    List = "held"
	ListFailed  List = "failed"
	ListInvalid List = "invalid"
)

// RecipientQuery chooses people of a list. A zero field chooses nothing.
type RecipientQuery struct {
	List   List
	Text   string // in the name, the userid or the job number, whatever the case
	DeptID int64  // in it or below it
	Code   string // why they were held back, or what an id was
}

// RecipientPage is some of the people asked for.
type RecipientPage struct {
	Items []Recipient
	// Next goes into After for those who follow; nil where nobody does.
	Next           *Place
	Total, Matched int       // of the list; and of those, who were asked for
	CountedAt      time.Time // as of when it is known who has read; zero where that does not matter
}

// Place is where a page begins: behind an ordinal, or, of the newest readers, behind
// a time and an ordinal. Of ids that meant nobody it is a number in their list.
type Place struct {
	ReadAt  time.Time
	Ordinal int64
}

// Recipient is somebody whom a task names, or an id that meant nobody.
type Recipient struct {
	Ordinal   uint32
	ReadAt    time.Time // zero unless they are in ListRead
	Code      string    // why they were held back, or what the id was
	Threshold int64     // that was hit; 0 where there is none

	Invalid bool   // nobody: what follows says what was named
	Given   string // the userid, or the number of the department
	DeptID  int64  // 0 for a userid
}

// chosen is the people of a list who were asked for.
type chosen struct {
	task         *notify.Task
	list         List
	all, matched *roaring.Bitmap
	invalid      []Recipient // in place of sets
	total        int
	countedAt    time.Time
}

// Recipients returns a page of a list, in the order of ordinals, behind a place or
// from the beginning: recipients.read. Fails with CodeReceiptsDropped where nobody
// knows any more who has read the task, CodeDepartmentUnknown, CodeTaskUnknown.
func (s *Service) Recipients(ctx context.Context, g policy.Grant, t Task, q RecipientQuery, after *Place, limit int) (RecipientPage, error) {
	c, err := s.choose(ctx, g, t, q)
	if err != nil {
		return RecipientPage{}, fmt.Errorf("task.Recipients: %w", err)
	}
	page := c.pageAfter(after, limit)
	if c.list != ListRead {
		return page, nil
	}
	if err := s.readAt(ctx, t, page.Items); err != nil {
		return RecipientPage{}, fmt.Errorf("task.Recipients: %w", err)
	}
	return page, nil
}

// pageAfter is the people of a list behind a place, in the order of ordinals.
func (c *chosen) pageAfter(after *Place, limit int) RecipientPage {
	page := c.page()
	if c.list == ListInvalid {
		c.invalidPage(&page, after, limit)
		return page
	}
	some := c.matched.Iterator()
	if after != nil {
		some.AdvanceIfNeeded(uint32(after.Ordinal))
		if some.HasNext() && int64(some.PeekNext()) == after.Ordinal {
			some.Next()
		}
	}
	for some.HasNext() && len(page.Items) < limit {
		page.Items = append(page.Items, c.recipient(some.Next()))
	}
	if some.HasNext() {
		page.Next = &Place{Ordinal: int64(page.Items[len(page.Items)-1].Ordinal)}
	}
	return page
}

// NewestReaders is Recipients of ListRead, whoever has read last first. Fails with
// CodeParameterInvalid where more than 50,000 have.
func (s *Service) NewestReaders(ctx context.Context, g policy.Grant, t Task, q RecipientQuery, after *Place, limit int) (RecipientPage, error) {
	c, err := s.choose(ctx, g, t, q)
	if err == nil && c.total > newestOf {
		err = fault.New(fault.CodeParameterInvalid, "%d people have read it; the limit for the newest first is %d", c.total, newestOf).
			WithField("order").WithLimit(newestOf, int64(c.total))
	}
	var receipts []Receipt
	if err == nil {
		receipts, err = s.Store.Receipts(ctx, t.Organization, t.TaskID)
	}
	if err != nil {
		return RecipientPage{}, fmt.Errorf("task.NewestReaders: %w", err)
	}
	slices.SortFunc(receipts, newer)
	from := 0
	if after != nil {
		from, _ = slices.BinarySearchFunc(receipts, Receipt{uint32(after.Ordinal), after.ReadAt}, func(a, b Receipt) int {
			return cmp.Or(newer(a, b), -1) // behind it
		})
	}
	page := c.page()
	for _, r := range receipts[from:] {
		if !c.matched.Contains(r.Ordinal) {
			continue
		}
		if len(page.Items) == limit {
			last := page.Items[limit-1]
			page.Next = &Place{last.ReadAt, int64(last.Ordinal)}
			break
		}
		page.Items = append(page.Items, Recipient{Ordinal: r.Ordinal, ReadAt: r.At})
	}
	return page, nil
}

// newer puts whoever has read later first.
func newer(a, b Receipt) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Ordinal, a.Ordinal)) }

// choose decides who is meant.
func (s *Service) choose(ctx context.Context, g policy.Grant, t Task, q RecipientQuery) (*chosen, error) {
	if err := g.For(policy.RecipientsRead); err != nil {
		return nil, err
	}
	outcome, err := s.Store.Outcome(ctx, t.Organization, t.TaskID)
	if err != nil {
		return nil, err
	}
	return s.chosenOf(ctx, outcome, q)
}

// chosenOf decides who is meant of what became of a task, or would become of one.
func (s *Service) chosenOf(ctx context.Context, outcome *notify.Task, q RecipientQuery) (c *chosen, err error) {
	c = &chosen{task: outcome, list: q.List, all: roaring.New()}
	switch q.List {
	case ListSent:
		c.all = outcome.Sent
	case ListRead, ListUnread:
		err = s.chooseRead(ctx, c, q.List)
	case ListHeld:
		c.all = heldFor(outcome, "")
	case ListInvalid:
		return c, s.chooseInvalid(ctx, c, q)
	case ListFailed: // nobody: the inbox reaches everybody
	}
	if err != nil {
		return nil, err
	}
	c.total, c.matched = int(c.all.GetCardinality()), c.all
	return c, s.narrow(ctx, c, q)
}

func (s *Service) chooseRead(ctx context.Context, c *chosen, list List) error {
	at, err := s.Store.Standing(ctx, c.task.Organization)
	if err != nil {
		return err
	}
	readers, err := s.readers.of(ctx, c.task.Organization, c.task.ID)
	if err != nil {
		return err
	}
	if c.task.Revision < at.Floors[c.task.AgentID] {
		return fault.New(fault.CodeReceiptsDropped, "who has read task %d is no longer kept", c.task.ID).WithField("list")
	}
	c.countedAt = readers.At
	if list == ListRead {
		c.all = roaring.And(readers.Set, c.task.Sent)
	} else {
		c.all = roaring.AndNot(c.task.Sent, readers.Set)
	}
	return nil
}

// narrow applies the filters.
func (s *Service) narrow(ctx context.Context, c *chosen, q RecipientQuery) error {
	if q.Code != "" {
		c.matched = roaring.And(c.matched, heldFor(c.task, q.Code))
	}
	if q.Text != "" {
		found, err := s.People.FindPeople(ctx, c.task.Organization, q.Text)
		if err != nil {
			return err
		}
		c.matched = roaring.And(c.matched, found)
	}
	if q.DeptID != 0 {
		within, err := s.People.Within(ctx, c.task.Organization, q.DeptID, c.matched)
		if err != nil {
			return err
		}
		c.matched = within
	}
	return nil
}

// heldFor is who was held back for a reason, or for any.
func heldFor(t *notify.Task, code string) *roaring.Bitmap {
	all := roaring.New()
	for _, h := range t.Held {
		if code == "" || h.Code == code {
			all.Or(h.Set)
		}
	}
	return all
}

func (c *chosen) page() RecipientPage {
	p := RecipientPage{Items: []Recipient{}, Total: c.total, Matched: len(c.invalid), CountedAt: c.countedAt}
	if c.matched != nil {
		p.Matched = int(c.matched.GetCardinality())
	}
	return p
}

// recipient is somebody of a list, without the time of reading.
func (c *chosen) recipient(ordinal uint32) Recipient {
	r := Recipient{Ordinal: ordinal}
	if c.list != ListHeld {
		return r
	}
	for _, h := range c.task.Held {
		if h.Set.Contains(ordinal) {
			r.Code, r.Threshold = h.Code, h.Threshold
		}
	}
	return r
}

// readAt adds when people have read a task.
func (s *Service) readAt(ctx context.Context, t Task, people []Recipient) error {
	ordinals := make([]uint32, len(people))
	for i, r := range people {
		ordinals[i] = r.Ordinal
	}
	at, err := s.Store.ReadTimes(ctx, t.Organization, t.TaskID, ordinals)
	if err != nil {
		return err
	}
	for i := range people {
		people[i].ReadAt = at[people[i].Ordinal]
	}
	return nil
}

// chooseInvalid chooses ids that meant nobody, userids first.
func (s *Service) chooseInvalid(ctx context.Context, c *chosen, q RecipientQuery) error {
	ids := c.task.Invalid
	all := make([]Recipient, 0, len(ids.Userids)+len(ids.DeptIDs))
	for i, userid := range ids.Userids {
		all = append(all, Recipient{Invalid: true, Given: userid, Code: reasonAt(ids.UserReasons, i)})
	}
	for i, id := range ids.DeptIDs {
		all = append(all, Recipient{Invalid: true, Given: fmt.Sprint(id), DeptID: id, Code: reasonAt(ids.DeptReasons, i)})
	}
	c.total = len(all)
	for _, r := range all {
		text := strings.Contains(strings.ToLower(r.Given), strings.ToLower(q.Text))
		if (q.Code == "" || q.Code == r.Code) && text && (q.DeptID == 0 || q.DeptID == r.DeptID) {
			c.invalid = append(c.invalid, r)
		}
	}
	return ctx.Err()
}

// reasonAt is why an id meant nobody; "" where that was not kept.
func reasonAt(reasons []directory.Reason, i int) string {
	if i < len(reasons) {
		return string(reasons[i])
	}
	return ""
}

func (c *chosen) invalidPage(p *RecipientPage, after *Place, limit int) {
	from := 0
	if after != nil {
		from = int(min(max(after.Ordinal+1, 0), int64(len(c.invalid))))
	}
	end := min(from+limit, len(c.invalid))
	p.Items = append(p.Items, c.invalid[from:end]...)
	if end < len(c.invalid) {
		p.Next = &Place{Ordinal: int64(end - 1)}
	}
}
