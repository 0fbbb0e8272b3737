package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// How long the tokens and links of the demo's people are good for.
const (
	tokenLife = account.MaxTokenLife
	linkLife  = 10 * 365 * 24 * time.Hour
)

// provision makes what is missing of one organization.
func (d *Demo) provision(ctx context.Context, s *shown) error {
	steps := []struct {
		name string
		do   func(context.Context, *shown) error
	}{
		{"organization", d.makeOrganization},
		{"departments and people", d.makePeople},
		{"apps", d.makeApps},
		{"API tokens and sign-in links", d.makeCredentials},
	}
	for _, step := range steps {
		d.o.Note(s.name + ": " + step.name)
		if err := step.do(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (d *Demo) makeOrganization(ctx context.Context, s *shown) error {
	if s.state.CorpID == "" {
		// Noted before it is used: a start killed in between finds it again.
		s.state.CorpID = newCorpID()
		if err := d.state.save(); err != nil {
			return err
		}
	}
	o, err := d.o.Directory.ByCorpID(ctx, s.state.CorpID)
	switch {
	case fault.Is(err, fault.CodeOrganizationUnknown) && s.state.Complete:
		return fmt.Errorf("%s tells of an organization that the database does not have; remove that file to begin anew", d.state.path)
	case fault.Is(err, fault.CodeOrganizationUnknown):
		o, err = d.o.Directory.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{
			CorpID: s.state.CorpID, Name: s.name, TimeZone: s.zone, Preset: d.o.Preset,
		})
	}
	s.id = o.ID
	return err
}

func newCorpID() string {
	var b [16]byte
	rand.Read(b[:])
	return "ding" + hex.EncodeToString(b[:])
}

//go:embed data/*.csv
var peopleFiles embed.FS

// makePeople imports departments and people, names the hosts to trust and who
// reviews for others, until all were there once. What an administrator changes afterwards is left
// alone.
func (d *Demo) makePeople(ctx context.Context, s *shown) error {
	if !s.state.Complete {
		people, err := peopleFiles.ReadFile("data/" + s.people)
		if err != nil {
			return err
		}
		if _, err := d.o.Directory.Import(ctx, audit.ByOperator(), s.id, bytes.NewReader(people), directory.ImportOptions{}); err != nil {
			return err
		}
		if _, err := d.o.Directory.UpdateOrganization(ctx, audit.ByOperator(), s.id, directory.OrganizationChange{TrustedHosts: &s.trusted}); err != nil {
			return err
		}
		s.state.Complete = true
		if err := d.state.save(); err != nil {
			return err
		}
	}
	if s.reviews && !s.state.Reviews {
		if _, err := d.o.Directory.UpdateOrganization(ctx, audit.ByOperator(), s.id, directory.OrganizationChange{ReviewsOthers: &s.reviews}); err != nil {
			return err
		}
		s.state.Reviews = true
		if err := d.state.save(); err != nil {
			return err
		}
	}
	var err error
	s.depts, err = d.deptPaths(ctx, s.id)
	return err
}

// deptPaths returns the departments below the root by their path of names.
func (d *Demo) deptPaths(ctx context.Context, organization int64) (map[string]int64, error) {
	all, err := d.o.Directory.Departments(ctx, organization)
	if err != nil {
		return nil, err
	}
	byID := map[int64]directory.Department{}
	for _, dept := range all {
		byID[dept.ID] = dept
	}
	paths := map[string]int64{}
	for _, dept := range all {
		if dept.ID == directory.RootID {
			continue
		}
		path := dept.Name
		for up := byID[dept.ParentID]; up.ID != directory.RootID && up.ID != 0; up = byID[up.ParentID] {
			path = up.Name + "/" + path
		}
		paths[path] = dept.ID
	}
	return paths, nil
}

// makeApps makes the app for whoever tries things out and the demo's own.
func (d *Demo) makeApps(ctx context.Context, s *shown) error {
	there, err := d.o.Apps.Apps(ctx, s.id)
	if err != nil {
		return err
	}
	for role, name := range map[string]string{"app": s.app, "sender": s.sender} {
		if s.state.Apps[role] != nil {
			continue
		}
		made, err := d.makeApp(ctx, s.id, app.NewApp{Name: name, SendToEveryone: true}, there)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.state.Apps[role] = made
		if err := d.state.save(); err != nil {
			return err
		}
	}
	return nil
}

// makeApp makes an app, or takes over the one that a start made and was killed
// before it had noted the secret: nobody knows that one, so it gets another.
func (d *Demo) makeApp(ctx context.Context, organization int64, n app.NewApp, there []app.Listing) (*appState, error) {
	for _, l := range there {
		if l.App.Name != n.Name {
			continue
		}
		secret, err := d.anotherSecret(ctx, organization, l.App.ID, l.Secrets)
		return &appState{ID: l.App.ID, AgentID: l.Agent.ID, Key: l.App.Key, Secret: secret}, err
	}
	made, agent, secret, err := d.o.Apps.CreateInternal(ctx, audit.ByOperator(), organization, n)
	return &appState{ID: made.ID, AgentID: agent.ID, Key: made.Key, Secret: secret}, err
}

// anotherSecret ends an app's secrets and gives it a new one.
func (d *Demo) anotherSecret(ctx context.Context, organization, appID int64, old []app.Secret) (string, error) {
	for _, s := range old {
		if !s.EndedAt.IsZero() {
			continue
		}
		if err := d.o.Apps.EndSecret(ctx, audit.ByOperator(), organization, appID, s.ID); err != nil {
			return "", err
		}
	}
	_, secret, err := d.o.Apps.AddSecret(ctx, audit.ByOperator(), organization, appID)
	return secret, err
}

// makeCredentials gives every active person an API token and a sign-in link
// who has none yet.
func (d *Demo) makeCredentials(ctx context.Context, s *shown) error {
	users, err := d.activeUsers(ctx, s.id)
	if err != nil {
		return err
	}
	before := len(s.state.APITokens) + len(s.state.SignInLinks)
	for _, u := range users {
		if u.Userid == s.reader {
			s.greets = u.Name
		}
		if err := d.makeCredential(ctx, s, u.Userid); err != nil {
			return fmt.Errorf("%s: %w", u.Userid, err)
		}
	}
	if len(s.state.APITokens)+len(s.state.SignInLinks) == before {
		return nil
	}
	return d.state.save()
}

func (d *Demo) makeCredential(ctx context.Context, s *shown, userid string) error {
	var err error
	if s.state.APITokens[userid] == "" {
		if s.state.APITokens[userid], err = d.o.Accounts.CreateToken(ctx, audit.ByOperator(), s.id, userid, "demo", tokenLife); err != nil {
			return err
		}
	}
	if s.state.SignInLinks[userid] == "" {
		s.state.SignInLinks[userid], err = d.o.Accounts.CreateSignInLink(ctx, audit.ByOperator(), s.id, userid, linkLife, true)
	}
	return err
}

func (d *Demo) activeUsers(ctx context.Context, organization int64) ([]directory.User, error) {
	users, err := d.o.Directory.Users(ctx, organization)
	if err != nil {
		return nil, err
	}
	active := users[:0:0]
	for _, u := range users {
		if u.DisabledAt.IsZero() && u.DeletedAt.IsZero() {
			active = append(active, u)
		}
	}
	return active, nil
}
