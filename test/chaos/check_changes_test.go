package chaos_test

import (
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// checkChanges: what was acknowledged as recalled is, what is recalled was
// asked to be, and a status bar is the last one that was set.
func checkChanges(calls []harness.Call, made []sent) (complaints []string) {
	recalls, bars := map[int64][]harness.Call{}, map[int64][]harness.Call{}
	for _, c := range calls {
		switch c.Kind {
		case "recall":
			recalls[c.Task] = append(recalls[c.Task], c)
		case "status_bar":
			bars[c.Task] = append(bars[c.Task], c)
		}
	}
	for _, t := range made {
		asked, acknowledged := false, false
		for _, c := range recalls[t.ID] {
			acknowledged = acknowledged || c.Answer.Outcome == harness.OutcomeOK
			asked = asked || c.Answer.Outcome != harness.OutcomeRefused
		}
		if acknowledged && !t.Recalled {
			complaints = append(complaints, fmt.Sprintf("task %d was recalled and has its content again", t.ID))
		}
		if t.Recalled && !asked {
			complaints = append(complaints, fmt.Sprintf("task %d is recalled, and nobody asked for it", t.ID))
		}
		if possible := possibleBars(bars[t.ID]); !t.Recalled && !slices.Contains(possible, t.Status) {
			complaints = append(complaints, fmt.Sprintf("task %d has status bar %q, possible are %q", t.ID, t.Status, possible))
		}
	}
	return complaints
}

// possibleBars returns what a task's status bar may be after these calls, each
// of which was made after the answer to the one before. "" is the one it was
// sent with.
func possibleBars(calls []harness.Call) []string {
	possible := []string{""}
	for _, c := range calls {
		switch c.Answer.Outcome {
		case harness.OutcomeOK:
			possible = []string{c.Value}
		case harness.OutcomeUnknown:
			possible = append(possible, c.Value)
		}
	}
	return possible
}

// checkInbox: a person's inbox holds what was sent to them, each task once, in
// order, whole; what is recalled is a tombstone. Items of other agents are not
// judged.
func checkInbox(userid string, items []client.Item, made []sent) (complaints []string) {
	want := map[int64]sent{}
	agents := map[int64]bool{}
	for _, t := range made {
		agents[t.Agent] = true
		if _, found := slices.BinarySearch(t.Sent, userid); found {
			want[t.ID] = t
		}
	}
	seen := map[int64]bool{}
	ids := map[string]bool{}
	last := int64(-1)
	for _, item := range items {
		if ids[item.MessageID] || seen[item.Task()] {
			complaints = append(complaints, fmt.Sprintf("%s has task %s twice", userid, item.TaskID))
		}
		ids[item.MessageID], seen[item.Task()] = true, true
		if revision := item.SentRevision(); last >= 0 && revision >= last {
			complaints = append(complaints, fmt.Sprintf("%s has revision %d after %d", userid, revision, last))
		}
		last = item.SentRevision()
		t, ok := want[item.Task()]
		switch {
		case ok:
			complaints = append(complaints, checkItem(userid, item, t)...)
		case agents[item.Agent()]:
			complaints = append(complaints, fmt.Sprintf("%s has task %s, which was not sent to them", userid, item.TaskID))
		}
	}
	for id := range want {
		if !seen[id] {
			complaints = append(complaints, fmt.Sprintf("%s lacks task %d at revision %d", userid, id, want[id].Revision))
		}
	}
	return complaints
}

func checkItem(userid string, item client.Item, t sent) []string {
	switch {
	case item.SentRevision() != t.Revision:
		return say("%s has task %d at revision %s, it is at %d", userid, t.ID, item.Revision, t.Revision)
	case item.Recalled() != t.Recalled:
		return say("%s has task %d recalled: %v, it is %v", userid, t.ID, item.Recalled(), t.Recalled)
	case item.Recalled() && item.Content():
		return say("%s has task %d recalled and still with content", userid, t.ID)
	case !item.Recalled() && (item.Title == "" && item.Preview == "" || item.HTML == ""):
		return say("%s has task %d without its content", userid, t.ID)
	case item.StatusBar != nil && t.Status != "" && item.StatusBar.Value != t.Status:
		return say("%s has task %d with status bar %q, it is %q", userid, t.ID, item.StatusBar.Value, t.Status)
	case item.StatusBar == nil && t.Status != "" && !t.Recalled:
		return say("%s has task %d without its status bar", userid, t.ID)
	}
	return nil
}

// checkReads: what a person was told to have read is read, and nothing else.
// Whether a recalled message was still there to be read is not judged.
func checkReads(userid string, calls []harness.Call, items []client.Item) (complaints []string) {
	for _, item := range items {
		told, tried := false, false
		for _, c := range calls {
			covers := c.Kind == "read" && slices.Contains(c.Tasks, item.Task()) ||
				c.Kind == "read_all" && item.SentRevision() <= c.Through
			if c.User == userid && covers {
				told = told || c.Answer.Outcome == harness.OutcomeOK
				tried = tried || c.Answer.Outcome != harness.OutcomeRefused
			}
		}
		if told && item.ReadAt == nil && !item.Recalled() {
			complaints = append(complaints, fmt.Sprintf("%s read task %s, and it is unread", userid, item.TaskID))
		}
		if item.ReadAt != nil && !tried {
			complaints = append(complaints, fmt.Sprintf("%s never read task %s, and it is read", userid, item.TaskID))
		}
	}
	return complaints
}

// checkNoReturn: what was seen as recalled is never seen otherwise again.
func checkNoReturn(userid string, recalled map[string]bool, items []client.Item) (complaints []string) {
	for _, item := range items {
		if recalled[item.MessageID] && (!item.Recalled() || item.Content()) {
			complaints = append(complaints, fmt.Sprintf("%s has task %s back, which was recalled", userid, item.TaskID))
		}
	}
	return complaints
}
