package harness_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// What was noted comes back; what has no answer is unknown.
func TestLedger(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger")
	l, err := harness.NewLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	call := func(kind string, task int64, fails error) {
		t.Helper()
		if _, err := l.Do(harness.Call{Kind: kind, Task: 9, Audience: client.Audience{DeptIDs: []int64{2}}}, func() (int64, error) { return task, fails }); err != nil {
			t.Fatal(err)
		}
	}
	call("send", 5, nil)
	call("send", 0, &harness.Refused{Code: -1, Text: "busy"})
	call("recall", 0, &harness.Unknown{Err: io.ErrUnexpectedEOF})
	half := make(chan struct{})
	_, _ = l.Do(harness.Call{Kind: "read"}, func() (int64, error) {
		defer close(half)
		_ = l.Close() // the answer cannot be noted any more
		return 0, nil
	})
	<-half

	calls, err := harness.ReadLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Op         int64
		Kind       string
		Outcome    string
		Code       int
		Task, Made int64
	}
	var got []line
	for _, c := range calls {
		got = append(got, line{c.Op, c.Kind, c.Answer.Outcome, c.Answer.Code, c.Task, c.Answer.Task})
	}
	want := []line{
		{1, "send", harness.OutcomeOK, 0, 9, 5},
		{2, "send", harness.OutcomeRefused, -1, 9, 0},
		{3, "recall", harness.OutcomeUnknown, 0, 9, 0},
		{4, "read", harness.OutcomeUnknown, 0, 0, 0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("ledger (-want +got):\n%s", d)
	}
	if err := os.WriteFile(path, []byte(`{"answers":3}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := harness.ReadLedger(path); err == nil {
		t.Error("an answer without a call is read")
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	p := harness.NewPeople(
		[]harness.Department{{ID: 1}, {ID: 2, ParentID: 1}, {ID: 3, ParentID: 2}, {ID: 4, ParentID: 1}},
		[]harness.User{{Userid: "b", DeptIDs: []int64{3}}, {Userid: "a", DeptIDs: []int64{2, 4}}, {Userid: "c", DeptIDs: []int64{1}}})
	tests := []struct {
		name string
		to   client.Audience
		want harness.Named
	}{
		{"a department and all below", client.Audience{DeptIDs: []int64{2}}, harness.Named{People: []string{"a", "b"}}},
		{"nobody twice", client.Audience{DeptIDs: []int64{3, 2, 4}, Userids: []string{"a", "b"}}, harness.Named{People: []string{"a", "b"}}},
		{"the root is everyone", client.Audience{DeptIDs: []int64{1}}, harness.Named{People: []string{"a", "b", "c"}}},
		{"everyone", client.Audience{Everyone: true}, harness.Named{People: []string{"a", "b", "c"}}},
		{
			"unknown",
			client.Audience{DeptIDs: []int64{9}, Userids: []string{"x", "c", "x"}},
			harness.Named{People: []string{"c"}, InvalidUserids: []string{"x"}, InvalidDeptIDs: []int64{9}},
		},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, p.Resolve(tt.to)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

// An event that was cut off did not happen.
func TestReadEvents(t *testing.T) {
	t.Parallel()
	text := ":\n\nevent: unread\ndata: {}\n\nevent: message\nid: 7\ndata: {\"a\": 1}\n\nevent: message\nid: 8\ndata: {\n"
	var got []harness.Event
	err := harness.ReadEvents(strings.NewReader(text), func(e harness.Event) { got = append(got, e) })
	if !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want EOF", err)
	}
	want := []harness.Event{
		{Event: client.Event{Name: "unread", Data: []byte("{}")}},
		{Event: client.Event{Name: "message", Revision: 7, Data: []byte(`{"a": 1}`)}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}
