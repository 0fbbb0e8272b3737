package chaos_test

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// checkShown: a live client shows exactly what the inbox holds: the same
// messages, tombstones and status bars, whole.
func checkShown(userid string, shown, items []client.Item) (complaints []string) {
	truth := map[string]client.Item{}
	for _, item := range items {
		truth[item.MessageID] = item
	}
	seen := map[string]bool{}
	for _, item := range shown {
		want, ok := truth[item.MessageID]
		seen[item.MessageID] = true
		switch {
		case !ok:
			complaints = append(complaints, fmt.Sprintf("%s is shown task %s, which is not in the inbox", userid, item.TaskID))
		case !same(item, want):
			complaints = append(complaints, fmt.Sprintf("%s is shown task %s as it is not: %s, it is %s", userid, item.TaskID, brief(item), brief(want)))
		}
	}
	for _, item := range items {
		if !seen[item.MessageID] {
			complaints = append(complaints, fmt.Sprintf("%s is not shown task %s at revision %s", userid, item.TaskID, item.Revision))
		}
	}
	return complaints
}

// same compares all but the read time, of which events do not tell.
func same(a, b client.Item) bool {
	if a.TaskID != b.TaskID || a.Revision != b.Revision || a.Recalled() != b.Recalled() {
		return false
	}
	if a.Recalled() {
		return !a.Content() && !b.Content()
	}
	bar := a.StatusBar == b.StatusBar || a.StatusBar != nil && b.StatusBar != nil && *a.StatusBar == *b.StatusBar
	return bar && a.Title == b.Title && a.Preview == b.Preview && a.HTML == b.HTML && bytes.Equal(a.Body, b.Body)
}

func brief(i client.Item) string {
	bar := ""
	if i.StatusBar != nil {
		bar = i.StatusBar.Value
	}
	return fmt.Sprintf("{revision %s, recalled %v, bar %q, %.40q}", i.Revision, i.Recalled(), bar, i.Preview)
}

// checkEvents: within a connection revisions ascend, and what was recalled
// before a connection was asked for never comes over it with content. recalled
// says when each task's recall was acknowledged.
func checkEvents(userid string, events []harness.Event, recalled map[int64]time.Time) (complaints []string) {
	last := map[int]int64{}
	first := map[int]bool{}
	for _, e := range events {
		if !first[e.Connection] && e.Name != "unread" {
			complaints = append(complaints, fmt.Sprintf("%s: connection %d begins with %s", userid, e.Connection, e.Name))
		}
		first[e.Connection] = true
		if e.Revision != 0 && e.Revision < last[e.Connection] {
			complaints = append(complaints, fmt.Sprintf("%s: revision %d after %d on connection %d", userid, e.Revision, last[e.Connection], e.Connection))
		}
		last[e.Connection] = max(last[e.Connection], e.Revision)
		if !slices.Contains([]string{"message", "changed", "recalled"}, e.Name) {
			continue
		}
		item, err := e.Item()
		if err != nil {
			complaints = append(complaints, fmt.Sprintf("%s: event %d: %v", userid, e.Revision, err))
			continue
		}
		if at, ok := recalled[item.Task()]; ok && item.Content() && at.Before(e.Connected) {
			complaints = append(complaints, fmt.Sprintf("%s: event %s %d brings back task %s", userid, e.Name, e.Revision, item.TaskID))
		}
		if e.Name == "recalled" && item.Content() {
			complaints = append(complaints, fmt.Sprintf("%s: the tombstone of task %s has content", userid, item.TaskID))
		}
	}
	return complaints
}

// checkNoReload: where no gap is so long that a client has to load anew, who is
// told to knows more than the database.
func checkNoReload(userid string, events []harness.Event) (complaints []string) {
	for _, e := range events {
		if e.Name == "reload" {
			complaints = append(complaints, fmt.Sprintf("%s: told to reload on connection %d", userid, e.Connection))
		}
	}
	return complaints
}

// checkBadge: a badge counts what is neither read nor recalled, up to 100.
func checkBadge(userid string, got client.Unread, items []client.Item) (complaints []string) {
	const most = 100
	count, byApp := 0, map[string]int{}
	for _, item := range items { // newest first: those count first
		if item.ReadAt == nil && !item.Recalled() && count < most {
			count++
			byApp[item.App.AgentID]++
		}
	}
	if got.Count != count {
		return say("%s is told %d unread, there are %d", userid, got.Count, count)
	}
	for agent, n := range byApp {
		if got.ByApp[agent] != n {
			complaints = append(complaints, fmt.Sprintf("%s is told %d unread of agent %s, there are %d", userid, got.ByApp[agent], agent, n))
		}
	}
	return complaints
}
