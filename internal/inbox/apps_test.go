package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func mustApps(tb failer, s *inbox.Service, v inbox.Viewer) inbox.Apps {
	tb.Helper()
	apps, err := s.Apps(context.Background(), v)
	if err != nil {
		tb.Fatalf("Apps: %v", err)
	}
	return apps
}

func TestApps(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.Organization(2, "ding2")
		at := func(one storetest.Sent, minutes int) storetest.Sent {
			one.At = start.Add(time.Duration(minutes) * time.Minute)
			return one
		}
		w.Send(1,
			at(text(t, 1, 5, "filed", true, 1, 2), 1),
			at(text(t, 2, 6, "large", false, 1, 2), 2),
			at(text(t, 3, 7, "for somebody else", false, 2), 3),
			at(text(t, 4, 5, "large, later", false, 1), 4),
			at(text(t, 5, goneAgent, "of an app that is gone", true, 1), 5),
			at(text(t, 6, 6, "filed, recalled", true, 1), 6),
			at(text(t, 7, 6, "for somebody else", true, 2), 7),
			at(text(t, 8, 5, "for somebody else", false, 2), 8),
		)
		w.Send(2, at(text(t, 1, 9, "of another organization", true, 1), 9), at(text(t, 2, 8, "and another", false, 1), 10))
		w.Recall(1, 6, start)
		s := w.service(t, 0)
		item := func(agent int, name string, minutes int) string {
			icon := ""
			if name != "" {
				icon = "/icon.png"
			}
			return fmt.Sprintf(`{"agent_id":"%d","name":"%s","icon":"%s","last_sent_at":"2026-03-02T08:%02d:00Z"}`, agent, name, icon, minutes)
		}
		for ordinal, want := range map[uint32]string{
			1: item(6, "Approvals", 6) + "," + item(13, "", 5) + "," + item(5, "Approvals", 4),
			2: item(5, "Approvals", 8) + "," + item(6, "Approvals", 7) + "," + item(7, "Approvals", 3),
			3: "",
		} {
			got, err := json.Marshal(mustApps(t, s, inbox.Viewer{Organization: 1, Ordinal: ordinal}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(`{"items":[`+want+`],"complete":true}`, string(got)); diff != "" {
				t.Errorf("apps of %d:\n%s", ordinal, diff)
			}
		}
		if _, err := s.Apps(context.Background(), inbox.Viewer{Organization: 404}); !fault.Is(err, fault.CodeOrganizationUnknown) {
			t.Errorf("no organization: %v", err)
		}
	})
}

func agents(apps inbox.Apps) (list []string) {
	for _, item := range apps.Items {
		list = append(list, item.AgentID)
	}
	return list
}

// A loud app does not hide a quiet one, and what lies too far back is said to
// be missing.
func TestAppsAreBounded(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		tasks := []storetest.Sent{text(t, 1, 5, "far back", false, 1), text(t, 2, 6, "quiet", false, 1), text(t, 3, 7, "quiet", true, 1)}
		for id := int64(4); id <= 2500; id++ {
			tasks = append(tasks, text(t, id, 5, "for others", false, 2))
		}
		w.Send(1, tasks...)
		s := w.service(t, 0)
		apps := mustApps(t, s, inbox.Viewer{Organization: 1, Ordinal: 1})
		if diff := cmp.Diff([]string{"7", "6"}, agents(apps)); diff != "" || apps.Complete {
			t.Errorf("complete %v:\n%s", apps.Complete, diff)
		}
		apps = mustApps(t, s, inbox.Viewer{Organization: 1, Ordinal: 2})
		if diff := cmp.Diff([]string{"5"}, agents(apps)); diff != "" || !apps.Complete {
			t.Errorf("complete %v:\n%s", apps.Complete, diff)
		}
	})
}

func TestAppsOfManyFiledRows(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		tasks := []storetest.Sent{text(t, 1, 6, "far back", true, 1), text(t, 2, 7, "far back", false, 1)}
		for id := int64(3); id <= 2400; id++ {
			tasks = append(tasks, text(t, id, 5, "for you", true, 1))
		}
		w.Send(1, tasks...)
		s := w.service(t, 0)
		apps := mustApps(t, s, inbox.Viewer{Organization: 1, Ordinal: 1})
		if diff := cmp.Diff([]string{"5", "7"}, agents(apps)); diff != "" || apps.Complete {
			t.Errorf("complete %v:\n%s", apps.Complete, diff)
		}
	})
}

func TestAppsAreAtMost200(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		var tasks []storetest.Sent
		for id := int64(1); id <= 230; id++ {
			tasks = append(tasks, text(t, id, 1000+id, "hello", id%2 == 0, 1))
		}
		w.Send(1, tasks...)
		apps := mustApps(t, w.service(t, 900), inbox.Viewer{Organization: 1, Ordinal: 1})
		if got := agents(apps); len(got) != 200 || got[0] != "1230" || got[199] != "1031" || apps.Complete {
			t.Errorf("%d apps from %s to %s, complete %v", len(got), got[0], got[len(got)-1], apps.Complete)
		}
	})
}

// Whoever cut a page off goes on from the last message they kept.
func TestPageBeforeAMessage(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v := inbox.Viewer{Organization: 1, Ordinal: 1}
		for id := int64(1); id <= 12; id++ {
			w.Send(1, text(t, id, 5+id%2, "hello", id%3 == 0, 1+uint32(id%4/3)))
		}
		s := w.service(t, 0)
		all := mustWalk(t, s, v, inbox.Query{})
		if len(all) < 8 {
			t.Fatalf("%d messages", len(all))
		}
		for i, item := range all {
			rest := mustWalk(t, s, v, inbox.Query{Limit: 2, Before: item.Revision})
			if diff := cmp.Diff(taskIDsOf(all[i+1:]), taskIDsOf(rest)); diff != "" {
				t.Errorf("before %s:\n%s", item.Revision, diff)
			}
		}
	})
}
