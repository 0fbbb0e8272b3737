package clients_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// library is what the libraries have in common.
type library interface {
	send(to client.Audience, s sample) (int64, error)
	progress(task int64) (client.Progress, error)
	result(task int64) (client.Result, error)
	statusBar(task int64, value, background string) error
	recall(task int64) error
	upload(kind, path string) (string, error)
}

// Both libraries work as they are, on both engines. Not parallel: the address
// of the service is the process's.
func TestClients(t *testing.T) { //nolint:paralleltest // see above
	libraries := []struct {
		name string
		open func(*testing.T, harness.Credentials) library
	}{{"zhaoyunxing92", newTyped}, {"fastwego", newSigner}}
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			server := harness.NewHome(t, engine).Demo(t)
			serveAt(t, server.BaseURL)
			for i, library := range libraries {
				// An organization each: identical content reaches nobody twice.
				o := server.Organizations[i]
				t.Run(library.name, func(t *testing.T) { //nolint:paralleltest // see above
					d := &drive{
						t: t, library: library.open(t, o.Apps[0]), organization: o,
						people: harness.NewPeople(o.Departments, o.Users), base: server.BaseURL,
					}
					d.everything()
				})
			}
			server.Stop(t)
		})
	}
}

// drive is one library in use.
type drive struct {
	t *testing.T
	library
	organization harness.Organization
	people       *harness.People
	base         string
}

func (d *drive) everything() {
	media := map[string]string{}
	for kind, path := range writeFiles(d.t) {
		id, err := d.upload(kind, path)
		if err != nil || id == "" {
			d.t.Fatalf("upload %s: %q, %v", kind, id, err)
		}
		media[kind] = id
	}
	for i, s := range samples(media) {
		d.t.Run(s.name, func(t *testing.T) { //nolint:paralleltest // see TestClients
			d := *d
			d.t = t
			d.message(s, d.audience(i))
		})
	}
	d.heldBack()
}

// audience names users with one nobody knows, a department, or everyone, in
// turn.
func (d *drive) audience(i int) client.Audience {
	switch i % 3 {
	case 0:
		a := client.Audience{Userids: []string{"nobody-" + fmt.Sprint(i)}}
		for _, u := range d.organization.Users[:3] {
			a.Userids = append(a.Userids, u.Userid)
		}
		return a
	case 1:
		return client.Audience{DeptIDs: []int64{d.organization.Departments[i%len(d.organization.Departments)].ID}}
	}
	return client.Audience{Everyone: true}
}

// message sends one and follows it to the end.
func (d *drive) message(s sample, to client.Audience) {
	task, err := d.send(to, s)
	if err != nil || task == 0 {
		d.t.Fatalf("send: task %d, %v", task, err)
	}
	if p, err := d.progress(task); err != nil || p.Percent != 100 || p.Status != 2 {
		d.t.Errorf("progress: %+v, %v; want 100 and 2", p, err)
	}
	named := d.people.Resolve(to)
	if len(named.People) == 0 {
		d.t.Fatal("nobody is named")
	}
	reader := d.reader(named.People[0])
	item := d.inInbox(reader, task)
	if shown := item.HTML + string(item.Body); item.Type != s.kind || !strings.Contains(shown, s.shows) {
		d.t.Errorf("the inbox has a %s that shows %q, want a %s with %q", item.Type, shown, s.kind, s.shows)
	}
	d.partition(task, named, nil)
	if err := reader.Read(context.Background(), []string{item.MessageID}); err != nil {
		d.t.Fatalf("read: %v", err)
	}
	d.partition(task, named, named.People[:1])
	if s.kind == "oa" {
		d.changeStatusBar(reader, task)
	} else if err := d.statusBar(task, "Agreed", "0xFF78C06E"); err == nil {
		d.t.Errorf("a %s has got a status bar", s.kind)
	}
	d.takeBack(reader, task)
}

// partition: the result names everyone once.
func (d *drive) partition(task int64, n harness.Named, read []string) {
	d.t.Helper()
	r, err := d.result(task)
	if err != nil {
		d.t.Fatalf("result: %v", err)
	}
	all := slices.Concat(r.Read, r.Unread)
	slices.Sort(all)
	if !slices.Equal(all, n.People) || !slices.Equal(r.Read, read) || len(r.Failed)+len(r.Forbidden)+len(r.Held) != 0 {
		d.t.Errorf("result %+v, want %v, of whom %v have read", r, n.People, read)
	}
	if !slices.Equal(r.InvalidUserids, n.InvalidUserids) {
		d.t.Errorf("invalid users %v, want %v", r.InvalidUserids, n.InvalidUserids)
	}
}

func (d *drive) reader(userid string) *harness.Reader {
	i := slices.IndexFunc(d.organization.Users, func(u harness.User) bool { return u.Userid == userid })
	address := func() string { return d.base }
	return &harness.Reader{User: d.organization.Users[i], Address: address, HTTP: http.DefaultClient}
}

// inInbox returns the task's message in somebody's inbox, which holds it once.
func (d *drive) inInbox(r *harness.Reader, task int64) client.Item {
	d.t.Helper()
	items, _, err := r.Walk(context.Background())
	if err != nil {
		d.t.Fatalf("inbox of %s: %v", r.Userid, err)
	}
	var found []client.Item
	for _, item := range items {
		if item.Task() == task {
			found = append(found, item)
		}
	}
	if len(found) != 1 {
		d.t.Fatalf("the inbox of %s has task %d %d times", r.Userid, task, len(found))
	}
	return found[0]
}

func (d *drive) changeStatusBar(r *harness.Reader, task int64) {
	d.t.Helper()
	if err := d.statusBar(task, "Agreed", "0xFF78C06E"); err != nil {
		d.t.Fatalf("status bar: %v", err)
	}
	if bar := d.inInbox(r, task).StatusBar; bar == nil || bar.Value != "Agreed" {
		d.t.Errorf("status bar is %+v, want Agreed", bar)
	}
}

// takeBack recalls, twice, and finds a tombstone.
func (d *drive) takeBack(r *harness.Reader, task int64) {
	d.t.Helper()
	for range 2 {
		if err := d.recall(task); err != nil {
			d.t.Fatalf("recall: %v", err)
		}
	}
	if item := d.inInbox(r, task); !item.Recalled() || item.Content() {
		d.t.Errorf("after the recall the inbox has %+v", item)
	}
	if err := d.recall(task + 1_000_000); err == nil {
		d.t.Error("a task that does not exist is recalled")
	}
}

// heldBack: what was sent before is held back, with its reason.
func (d *drive) heldBack() {
	d.t.Helper()
	s := samples(nil)[0] // the text that was sent already
	to := client.Audience{Userids: []string{d.organization.Users[0].Userid}}
	task, err := d.send(to, s)
	if err != nil {
		d.t.Fatalf("send again: %v", err)
	}
	r, err := d.result(task)
	if err != nil {
		d.t.Fatalf("result: %v", err)
	}
	want := client.Held{Code: "143106", Count: 1, Userid: to.Userids[0]}
	if len(r.Held) != 1 || r.Held[0] != want || !slices.Equal(r.Forbidden, to.Userids) || len(r.Read)+len(r.Unread) != 0 {
		d.t.Errorf("result %+v, want %+v held back and nobody else", r, want)
	}
}
