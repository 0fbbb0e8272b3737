package inbox

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
)

// hint makes the hint that is true at revision, of a tally that was walked to
// its end there, with at most so many candidates of an app.
func (t *tally) hint(v Viewer, revision int64, most int) Hint {
	h := Hint{Viewer: v, Floor: revision}
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

// keep stores a hint if the walk it comes from was long and the next one will
// be shorter for it. A hint that is stored late, twice or never is harmless:
// what it says stays true, since messages only ever stop being unread.
func (s *Service) keep(u *unreadWalk, h Hint) {
	looked := u.looked
	if u.digging {
		looked += u.scan.largeSeen + u.scan.filedSeen
	}
	much := looked > s.bounds.muchExamined || u.settled > s.bounds.muchSettled || u.aged > s.bounds.muchSettled
	better := h.Floor > u.badge.Floor || u.settled > 0 || u.digging
	if much && better && h.Floor >= u.badge.Floor {
		s.keeper.offer(h)
	}
}

// keeper stores hints, many in one transaction, and drops what it cannot keep
// up with.
type keeper struct {
	receipts Receipts
	log      *slog.Logger
	queue    chan Hint
	stop     chan struct{}
	done     chan struct{}
}

func newKeeper(r Receipts, log *slog.Logger) *keeper {
	const waiting = 512
	k := &keeper{
		receipts: r, log: log,
		queue: make(chan Hint, waiting), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go k.run()
	return k
}

func (k *keeper) offer(h Hint) {
	select {
	case k.queue <- h:
	default:
	}
}

func (k *keeper) close() {
	close(k.stop)
	<-k.done
}

func (k *keeper) run() {
	defer close(k.done)
	for {
		select {
		case h := <-k.queue:
			k.store(h)
		case <-k.stop:
			for {
				select {
				case h := <-k.queue:
					k.store(h)
				default:
					return
				}
			}
		}
	}
}

// store writes first and whatever else is waiting.
func (k *keeper) store(first Hint) {
	const most = 200 // rows of a piece of background work
	best := map[Viewer]Hint{first.Viewer: first}
	for len(best) < most {
		select {
		case h := <-k.queue:
			if have, ok := best[h.Viewer]; !ok || h.Floor >= have.Floor {
				best[h.Viewer] = h
			}
			continue
		default:
		}
		break
	}
	hints := make([]Hint, 0, len(best))
	for _, h := range best {
		hints = append(hints, h)
	}
	slices.SortFunc(hints, func(a, b Hint) int {
		return cmp.Or(cmp.Compare(a.Viewer.Organization, b.Viewer.Organization), cmp.Compare(a.Viewer.Ordinal, b.Viewer.Ordinal))
	})
	// Nobody waits for it, so its time is its own.
	if err := k.receipts.MarkHints(context.Background(), hints); err != nil && !fault.Is(err, fault.CodeStorageFull) {
		k.log.Warn("unread hints were not stored; badges cost more until they are", "hints", len(hints), "error", err)
	}
}
