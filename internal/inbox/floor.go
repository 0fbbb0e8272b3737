package inbox

import (
	"cmp"
	"context"
	"iter"
	"log/slog"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/queue"
)

// floor makes the floor that is true at revision, of a tally that was walked to
// its end there, with at most so many candidates of an app.
func (t *tally) floor(v Viewer, revision int64, most int) UnreadFloor {
	h := UnreadFloor{Viewer: v, Floor: revision}
	for _, agent := range slices.Sorted(maps.Keys(t.byApp)) {
		keys := t.byApp[agent]
		c := Candidates{AgentID: agent}
		if t.full(agent) || len(keys) > most {
			keys = keys[:min(len(keys), most)]
			c.Rest = keys[len(keys)-1].Revision
		}
		for _, k := range keys {
			c.Tasks, c.Revisions = append(c.Tasks, k.TaskID), append(c.Revisions, k.Revision)
		}
		h.Candidates = append(h.Candidates, c)
	}
	return h
}

// keys are the candidates with what is known of their revisions.
func (c Candidates) keys() []Key {
	keys := make([]Key, len(c.Tasks))
	for i, task := range c.Tasks {
		keys[i] = Key{TaskID: task, AgentID: c.AgentID}
		if i < len(c.Revisions) {
			keys[i].Revision = c.Revisions[i]
		}
	}
	return keys
}

// keep stores a floor if the walk it comes from was long and the next one will
// be shorter for it. A floor that is stored late, twice or never is harmless:
// what it says stays true, since messages only ever stop being unread.
func (s *Service) keep(u *unreadWalk, h UnreadFloor) {
	looked := u.looked
	if u.digging {
		looked += u.scan.largeSeen + u.scan.filedSeen
	}
	much := looked > s.bounds.muchExamined || u.settled > s.bounds.muchSettled || u.aged > s.bounds.muchSettled
	better := h.Floor > u.badge.Floor || u.settled > 0 || u.digging
	if much && better && h.Floor >= u.badge.Floor {
		s.floors.offer(h)
	}
}

// floorWriter stores floors, many in one transaction, and drops what it cannot
// keep up with.
type floorWriter struct {
	receipts Receipts
	log      *slog.Logger
	queue    *queue.Queue[UnreadFloor]
}

func newFloorWriter(r Receipts, log *slog.Logger) *floorWriter {
	const waiting = 512
	return &floorWriter{receipts: r, log: log, queue: queue.New[UnreadFloor](waiting)}
}

func (w *floorWriter) offer(h UnreadFloor) { w.queue.Offer(h) }

func (w *floorWriter) run(ctx context.Context) { w.queue.Run(ctx, w.write) }

// write stores the highest floor of each viewer.
func (w *floorWriter) write(waiting iter.Seq[UnreadFloor]) {
	const most = 200 // rows of a piece of background work
	best := map[Viewer]UnreadFloor{}
	for h := range waiting {
		if have, ok := best[h.Viewer]; !ok || h.Floor >= have.Floor {
			best[h.Viewer] = h
		}
		if len(best) == most {
			break
		}
	}
	floors := slices.SortedFunc(maps.Values(best), func(a, b UnreadFloor) int {
		return cmp.Or(cmp.Compare(a.Viewer.Organization, b.Viewer.Organization), cmp.Compare(a.Viewer.Ordinal, b.Viewer.Ordinal))
	})
	// Nobody waits for it, so its time is its own.
	if err := w.receipts.MarkFloors(context.Background(), floors); err != nil && !fault.Is(err, fault.CodeStorageFull) {
		w.log.Warn("floors of unread messages were not stored; badges cost more until they are", "floors", len(floors), "error", err)
	}
}
