package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/retention"
)

// What is deleted leaves memory, sets and lists, also under people who are
// looking; what is kept stays as it was.
func TestTrimForgetsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		ctx, s, viewer := context.Background(), w.service(t, 0), inbox.Viewer{Organization: 1, Ordinal: 7}
		const many = 400
		for id := range int64(many) {
			w.Send(1, text(t, id+1, 1+id%2, fmt.Sprint("message ", id), id%4 == 3, 7, uint32(id), 60))
		}
		before := walkTasks(t, s, viewer, inbox.Query{Limit: 100})
		held, _ := s.SetBytes()
		if len(before) != many || s.Sends() != many*3/4 || held == 0 {
			t.Fatalf("%d messages, %d large sends, %d bytes of sets", len(before), s.Sends(), held)
		}
		// One agent's first three quarters go.
		for more := true; more; {
			d, err := w.db.Retention().DeleteMessages(ctx, 1, 1, retention.Bounds{Day: 1, Revision: many * 3 / 4, Accepted: start.Add(time.Millisecond)}, 50)
			if err != nil {
				t.Fatal(err)
			}
			more = d.More
		}
		var looking sync.WaitGroup
		for range 4 {
			looking.Go(func() {
				for range 5 {
					walkTasks(t, s, viewer, inbox.Query{Limit: 30})
				}
			})
		}
		for range 3 {
			if err := s.Trim(ctx); err != nil {
				t.Error(err)
			}
		}
		looking.Wait()
		if err := s.Trim(ctx); err != nil { // what the walks brought back
			t.Fatal(err)
		}
		fresh := w.service(t, 0)
		want := walkTasks(t, fresh, viewer, inbox.Query{Limit: 100})
		if got := walkTasks(t, s, viewer, inbox.Query{Limit: 100}); !slices.Equal(got, want) || len(got) != many*5/8 {
			t.Errorf("shown are %d, on a fresh node %d", len(got), len(want))
		}
		left, charged := s.SetBytes()
		wantLeft, _ := fresh.SetBytes()
		if s.Sends() != fresh.Sends() || left != wantLeft || charged != left {
			t.Errorf("%d sends, %d bytes of sets, charged %d; on a fresh node %d and %d", s.Sends(), left, charged, fresh.Sends(), wantLeft)
		}
		w.Send(1, text(t, many+1, 1, "after it", false, 7))
		if got := walkTasks(t, s, viewer, inbox.Query{Limit: 100}); len(got) != len(want)+1 {
			t.Errorf("after one more: %d instead of %d", len(got), len(want)+1)
		}
	})
}

func walkTasks(t *testing.T, s *inbox.Service, v inbox.Viewer, q inbox.Query) []string {
	t.Helper()
	return taskIDsOf(mustWalk(t, s, v, q))
}
