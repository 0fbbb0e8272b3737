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
	"github.com/tidings-im/tidings/internal/policy"
)

const (
	// MaxTemplates is the most templates of an app.
	MaxTemplates = 500
	// MaxReason is the longest reason of a rejection, in characters.
	MaxReason = 500
)

// People knows who somebody is.
type People interface {
	// Userid returns whose an ordinal is.
	Userid(organization int64, ordinal uint32) (string, bool)
	// OrganizationName returns what an organization is called.
	OrganizationName(ctx context.Context, organization int64) (string, error)
}

// Apps knows installations.
type Apps interface {
	// InstallationOf returns an app's installation in an organization; false when
	// there is none that may send.
	InstallationOf(ctx context.Context, of policy.Resource, organization int64) (app.Agent, bool, error)
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

// Service looks after templates. It is safe for concurrent use. Every method takes
// a policy.Grant of the app's right that its comment names, which says who asks and
// about which app. A Grant of another right is an internal error and changes nothing.
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
