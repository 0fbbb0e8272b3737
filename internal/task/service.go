package task

import (
	"context"
	"log/slog"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
)

// Apps knows installations.
type Apps interface {
	// AppOfAgent fails with CodeAgentUnknown.
	AppOfAgent(ctx context.Context, agentID int64) (app.App, app.Agent, error)
	// Acting returns who an installation's app is on the wire, whether it may be
	// there or not. CodeAgentUnknown.
	Acting(ctx context.Context, organization, agentID int64) (app.Caller, error)
}

// Directory knows people and departments.
type Directory interface {
	// FindPeople returns who has a text in the name, the userid or the job number.
	FindPeople(ctx context.Context, organization int64, text string) (*roaring.Bitmap, error)
	// Within returns those of a set in a department or below it. CodeDepartmentUnknown.
	Within(ctx context.Context, organization, deptID int64, set *roaring.Bitmap) (*roaring.Bitmap, error)
	// Spread returns the departments that most people of a set are directly in.
	Spread(ctx context.Context, organization int64, set *roaring.Bitmap, some int) ([]directory.DepartmentShare, error)
	// Resolve turns an audience into people.
	Resolve(ctx context.Context, organization int64, a directory.Audience, r directory.Range) (directory.Resolved, error)
	// Userid returns whose an ordinal is.
	Userid(organization int64, ordinal uint32) (string, bool)
}

// Sender sends by hand, and changes what was sent.
type Sender interface {
	Plan(ctx context.Context, d notify.Draft) (notify.Plan, error)
	SentByHand(ctx context.Context, by audit.By, key string, requestDigest [32]byte) (taskID int64, found bool, err error)
	SendByHand(ctx context.Context, h notify.ByHand) (taskID int64, err error)
	TestByHand(ctx context.Context, d notify.Draft, by audit.By, userid string) (taskID int64, err error)
	RecallBy(ctx context.Context, c app.Caller, taskID int64, by audit.By) error
	SetStatusBarBy(ctx context.Context, c app.Caller, taskID int64, value, background string, by audit.By) error
}

// AuditLog keeps who took out what.
type AuditLog interface {
	Record(ctx context.Context, e audit.Entry) error
}

// Deps is what a Service works with. All are required.
type Deps struct {
	Store    Store
	Apps     Apps
	People   Directory
	Sender   Sender
	AuditLog AuditLog
	Log      *slog.Logger
	Now      func() time.Time
}

// Service answers for the tasks of all organizations. It is safe for concurrent
// use. Every method takes a policy.Grant of the right that its comment names; one
// of another right is an internal error.
type Service struct {
	Deps
	counts  *counts
	readers *readers
	exports chan struct{} // holds what is being written
}

// New returns a Service. Receipts are counted while Run runs.
func New(d Deps) *Service {
	return &Service{Deps: d, counts: newCounts(d), readers: newReaders(d), exports: make(chan struct{}, exportsAtOnce)}
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) { s.counts.run(ctx) }

// Read is told of receipts of tasks that this node has written.
func (s *Service) Read(organization int64, tasks []int64) {
	s.counts.read(organization, tasks)
	s.readers.read(organization, tasks)
}

// ReadElsewhere is told that other nodes have written receipts of an organization;
// of 0, that they may have of any.
func (s *Service) ReadElsewhere(organization int64) {
	s.counts.readElsewhere(organization)
	s.readers.readElsewhere(organization)
}

// Unknown is the answer to a task that is not there and to one that is not the
// asker's to see.
func Unknown(id int64) error { return notify.TaskUnknown(id) }

// resource is what a task is to the table of rights: it belongs to the organization
// that was sent it, whoever's the app is.
func resource(s *Summary, a app.App) policy.Resource {
	r := a.InstalledIn(s.Organization)
	r.Person = s.By
	return r
}
