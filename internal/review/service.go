package review

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
)

const (
	// MaxTemplates is the most templates of an app.
	MaxTemplates = 500
	// MaxReason is the longest reason of a rejection, in characters.
	MaxReason = 500
)

// People knows what somebody's roles are.
type People interface {
	// RolesOf returns the roles of somebody active, none for anybody else.
	RolesOf(ctx context.Context, organization int64, ordinal uint32) ([]string, error)
	// Userid returns whose an ordinal is.
	Userid(organization int64, ordinal uint32) (string, bool)
	// ReviewsOthers reports whether an organization's reviewers decide on the
	// templates of other organizations' third-party apps.
	ReviewsOthers(ctx context.Context, organization int64) (bool, error)
	// OrganizationName returns what an organization is called.
	OrganizationName(ctx context.Context, organization int64) (string, error)
}

// Apps knows installations.
type Apps interface {
	// AgentIn returns an app's installation in an organization; false when
	// there is none that may send.
	AgentIn(ctx context.Context, a app.App, organization int64) (app.Agent, bool, error)
}

// Sender sends tests.
type Sender interface {
	SendTest(ctx context.Context, t notify.TestRequest) (taskID int64, err error)
}

// Deps is what a Service works with. Sender may be nil where nothing is sent.
type Deps struct {
	Store  Store
	People People
	Apps   Apps
	Sender Sender
	Now    func() time.Time
}

// Service looks after templates. It is safe for concurrent use. Every method
// checks what its actor may do: CodePermissionDenied for a member of the app's
// organization without the role, CodeTemplateUnknown for anybody to whom the
// template, or the app, does not exist.
type Service struct{ Deps }

// New returns a Service.
func New(d Deps) *Service { return &Service{d} }

func (s *Service) at() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// entry is the audit entry of a step.
func (s *Service) entry(by audit.By, t Template, action audit.Action) audit.Entry {
	return audit.Entry{Organization: t.Organization, At: s.at(), By: by, Action: action, Subject: t.ID, Version: t.Newest.Number}
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Unknown is the answer to a template that is not there and to one that is not
// the asker's to see.
func Unknown() error {
	return fault.New(fault.CodeTemplateUnknown, "the template does not exist").WithField("template_id")
}
