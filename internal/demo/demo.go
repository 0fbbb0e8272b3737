package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// The demo makes its organizations through these rooms. Everything it sends
// goes over the wire instead.
type (
	// Directory makes organizations and says who is in them.
	Directory interface {
		ByCorpID(ctx context.Context, corpID string) (directory.Organization, error)
		UpdateOrganization(ctx context.Context, by audit.By, id int64, c directory.OrganizationChange) (directory.Organization, error)
		CreateOrganization(ctx context.Context, by audit.By, n directory.NewOrganization) (directory.Organization, error)
		Departments(ctx context.Context, organization int64) ([]directory.Department, error)
		Users(ctx context.Context, organization int64) ([]directory.User, error)
		Asker(ctx context.Context, by audit.By) (policy.Asker, error)
		Import(ctx context.Context, by audit.By, organization int64, file io.Reader, o directory.ImportOptions) (directory.ImportReport, error)
	}
	// Apps makes apps and their secrets.
	Apps interface {
		Apps(ctx context.Context, organization int64) ([]app.Listing, error)
		CreateInternal(ctx context.Context, by audit.By, organization int64, n app.NewApp) (app.App, app.Agent, string, error)
		AddSecret(ctx context.Context, by audit.By, organization, appID int64) (app.Secret, string, error)
		EndSecret(ctx context.Context, by audit.By, organization, appID, secretID int64) error
		Suites(ctx context.Context, provider int64) ([]app.SuiteListing, error)
		CreateThirdParty(ctx context.Context, by audit.By, provider int64, n app.NewApp, anyTicket bool) (app.App, string, error)
		SetLimits(ctx context.Context, by audit.By, organization, agentID int64, overrides json.RawMessage) error
		SetComposers(ctx context.Context, by audit.By, organization, agentID int64, c app.Composers) error
		Install(ctx context.Context, by audit.By, provider, appID, organization int64, i app.Installation) (app.Agent, error)
		Ticket(ctx context.Context, provider, appID int64) (string, error)
	}
	// Accounts makes people's API tokens and sign-in links.
	Accounts interface {
		CreateSignInLink(ctx context.Context, by audit.By, organization int64, userid string, life time.Duration, reusable bool) (string, error)
		CreateToken(ctx context.Context, by audit.By, organization int64, userid, name string, life time.Duration) (string, error)
	}
)

var (
	_ Directory = (*directory.Service)(nil)
	_ Apps      = (*app.Service)(nil)
	_ Accounts  = (*account.Service)(nil)
)

// Options say what to show, and where.
type Options struct {
	Dir      string // where demo.json is kept; it exists
	Describe string // file to write once sends are accepted, "" for none
	Preset   string // limits of the organizations
	BaseURL  string // where people reach the running server, without a slash at its end
	Local    string // where this process reaches it
	QR       bool   // print a sign-in link as a code for the camera of a phone
	Lively   bool   // send a notification every Every, for a while
	Every    time.Duration
	Rounds   int // how many of them
	Out      io.Writer
	Colour   bool              // Out understands colours
	Note     func(step string) // told before each step of the preparations
	Now      func() time.Time

	Directory Directory
	Apps      Apps
	Accounts  Accounts
	Templates Templates
	HTTP      *http.Client
}

// The pace of a lively demo: every 20 seconds for five minutes.
const (
	LivelyEvery  = 20 * time.Second
	LivelyRounds = 15
)

// Demo is one run of the demo against one server.
type Demo struct {
	o     Options
	state *state
	shown []*shown
	out   *terminal
}

// shown is one organization while the demo runs.
type shown struct {
	organization
	state  *organizationState
	id     int64
	depts  map[string]int64 // by path
	greets string           // the reader's name; "" when that person has left
	client *client.App      // of the sender app
}

// Run makes what is missing, sends what was not sent yet, writes the
// description, prints what a person needs, and in a lively demo goes on
// sending. It returns when all of this is done or ctx ends; the server goes on.
func Run(ctx context.Context, o Options) error {
	st, err := loadState(o.Dir)
	if err != nil {
		return err
	}
	if h := st.History; h != nil && !h.Over {
		h.Over = true
		if err := st.save(); err != nil {
			return err
		}
	}
	d, err := begin(ctx, o, st, every)
	if err != nil {
		return err
	}
	for _, s := range d.shown {
		if err := d.first(ctx, s); err != nil {
			return fmt.Errorf("demo: %s: %w", s.name, err)
		}
	}
	if err := d.describe(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := d.printGuide(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if !o.Lively {
		return nil
	}
	return d.goOn(ctx)
}

// begin makes what is missing and waits until sends are accepted.
func begin(ctx context.Context, o Options, st *state, templates func(sample) bool) (*Demo, error) {
	if o.Note == nil {
		o.Note = func(string) {}
	}
	d := &Demo{o: o, state: st, out: &terminal{w: o.Out, colour: o.Colour}}
	for _, org := range script() {
		s := &shown{organization: org, state: st.organization(org.key)}
		if err := d.provision(ctx, s); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", org.name, err)
		}
		d.shown = append(d.shown, s)
	}
	if err := d.makeSuite(ctx); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := d.makeTemplates(ctx, templates); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := d.awaitReady(ctx); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return d, nil
}

// awaitReady returns once the server says that it accepts sends.
func (d *Demo) awaitReady(ctx context.Context) error {
	d.o.Note("waiting until sends are accepted")
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.o.Local+"/readyz", nil)
		if err != nil {
			return err
		}
		if w, err := d.o.HTTP.Do(r); err == nil {
			_ = w.Body.Close()
			if w.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
