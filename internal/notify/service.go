package notify

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/template"
)

// Directory resolves audiences and names people.
type Directory interface {
	Resolve(ctx context.Context, organization int64, a directory.Audience, r directory.Range) (directory.Resolved, error)
	CatchUp(ctx context.Context, organization, directoryRevision int64) error
	Location(organization int64) *time.Location
	Userids(organization int64, set *roaring.Bitmap) iter.Seq[string]
	ActivePeople(organization int64) int64
	template.Directory
}

// Media knows uploaded files. Unknown ids are absent from the answer.
type Media interface {
	ByIDs(ctx context.Context, organization int64, ids []string) (map[string]media.File, error)
}

// Versions reads what templates say.
type Versions interface {
	// Compiled returns a version that was approved once. It never changes.
	Compiled(ctx context.Context, organization int64, id string, version int) (*template.Template, error)
}

// Hints tells others, after a commit, that there is something to read. Losing
// every hint costs latency, never a notification; neither method may block.
type Hints interface {
	Committed(organization, revision int64)
	// Recalled comes before the recall is answered: what is still queued for
	// somebody must not show the content any more.
	Recalled(organization, taskID int64)
}

// Meter is told what the sequencer does, for metrics. Methods must not block.
type Meter interface {
	// Batch reports a transaction of so many submissions.
	Batch(submissions int, took time.Duration, failed bool)
	// Decided reports accepted sends with the recipients they reached and
	// held back.
	Decided(sent, held uint64)
}

// Deps is what a Service works with. All fields but Meter are required.
type Deps struct {
	Store     Store
	Directory Directory
	Media     Media
	Versions  Versions
	Hints     Hints
	Meter     Meter
	Log       *slog.Logger
	Now       func() time.Time
}

// Service accepts sends and answers for them afterwards. It is safe for
// concurrent use.
type Service struct {
	deps      Deps
	sequencer *sequencer
	planner   *planner
}

// New returns a Service. What is submitted is committed while Run runs.
func New(d Deps) *Service {
	if d.Meter == nil {
		d.Meter = noMeter{}
	}
	q := newSequencer(d)
	return &Service{deps: d, sequencer: q, planner: newPlanner(q)}
}

// Run commits what is submitted, and forgets old idempotency keys, until ctx
// ends. Submissions are refused with CodeBusy then, and it returns once those
// accepted have their answer.
func (s *Service) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { s.sequencer.run(ctx) })
	running.Go(func() { s.sequencer.days.run(ctx) })
	running.Go(func() { s.forgetHourly(ctx) })
	running.Wait()
}

// QueueDepth returns how many submissions wait or are being committed.
func (s *Service) QueueDepth() int { return len(s.sequencer.slots) }

type noMeter struct{}

func (noMeter) Batch(int, time.Duration, bool) {}
func (noMeter) Decided(uint64, uint64)         {}

// owned returns a task if it is the caller's, without its sets. Another app's
// or organization's task answers like one that does not exist.
func (s *Service) owned(ctx context.Context, c app.Caller, agentID, taskID int64, load loader) (*Task, error) {
	if agentID != c.AgentID {
		return nil, agentUnknown(agentID)
	}
	t, err := load(ctx, c.Organization, taskID)
	if err != nil {
		return nil, err
	}
	if t.AgentID != c.AgentID {
		return nil, TaskUnknown(taskID)
	}
	return t, nil
}

type loader func(ctx context.Context, organization, id int64) (*Task, error)

func agentUnknown(id int64) error {
	return fault.New(fault.CodeAgentUnknown, "agent_id %d is not an agent of this access token", id).WithField("agent_id")
}

// TaskUnknown is the one answer to a task that does not exist and to one that
// is somebody else's.
func TaskUnknown(id int64) error {
	return fault.New(fault.CodeTaskUnknown, "task %d does not exist", id).WithField("task_id")
}

func windowClosed(what string, window time.Duration) error {
	return fault.New(fault.CodeWindowClosed, "%s is possible for %s after sending", what, window)
}
