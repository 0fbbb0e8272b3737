package app_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// Whoever changes secrets, tickets, ranges and installations is in the log of
// the organization that it is about, once for each change and not for one that
// was refused.
func TestChangesOfAppsAreLogged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		owner := audit.OnBehalfOf(s.receiver.ID, 3)
		a, g, _, err := n.CreateInternal(ctx, owner, s.receiver.ID, app.NewApp{Name: "HR"})
		must(t, err)
		agent, installed := strconv.FormatInt(g.ID, 10), strconv.FormatInt(s.agent.ID, 10)
		var added app.Secret
		for _, c := range []struct {
			name         string
			organization int64
			subject      string
			do           func(context.Context) error
			want         string // "" when nothing is to be logged
		}{
			{"secret", a.Organization, agent, func(ctx context.Context) (err error) {
				added, _, err = n.AddSecret(ctx, owner, a.Organization, a.ID)
				return err
			}, "secret.add secret id N"},
			{"a third secret", a.Organization, agent, func(ctx context.Context) error {
				_, _, err := n.AddSecret(ctx, owner, a.Organization, a.ID)
				return refusedOr(err)
			}, ""},
			{"end", a.Organization, agent, func(ctx context.Context) error {
				return n.EndSecret(ctx, owner, a.Organization, a.ID, added.ID)
			}, "secret.end secret id N"},
			{"end again", a.Organization, agent, func(ctx context.Context) error {
				return n.EndSecret(ctx, owner, a.Organization, a.ID, added.ID)
			}, ""},
			{"range", a.Organization, agent, func(ctx context.Context) error {
				return n.SetRange(ctx, owner, a.Organization, g.ID, directory.Range{DeptIDs: []int64{7}, Userids: []string{"ann", "ben"}})
			}, "range.set departments 7; people 2"},
			{"range of everyone", a.Organization, agent, func(ctx context.Context) error {
				return n.SetRange(ctx, owner, a.Organization, g.ID, directory.Range{Everyone: true})
			}, "range.set everyone yes"},
			{"range of nobody's", a.Organization, agent, func(ctx context.Context) error {
				return refusedOr(n.SetRange(ctx, owner, s.provider.ID, g.ID, directory.Range{Everyone: true}))
			}, ""},
			{"profile", a.Organization, agent, func(ctx context.Context) error {
				return n.SetProfile(ctx, owner, a.Organization, a.ID, app.Profile{Name: "HR", PageURL: "https://hr.example.com"})
			}, "app.save changed page_url"},
			{"grants", a.Organization, agent, func(ctx context.Context) error {
				return n.SetGrants(ctx, owner, a.Organization, a.ID, app.Grants{SendToEveryone: true, Scopes: []string{app.ScopeSend}})
			}, "grants.save scopes " + app.ScopeSend + "; send to everyone yes"},
			{"limits", a.Organization, agent, func(ctx context.Context) error {
				return n.SetLimits(ctx, owner, a.Organization, g.ID, []byte(`{"messages_per_day":3}`))
			}, "limits.save messages per day 3"},
			{"retention", a.Organization, agent, func(ctx context.Context) error {
				return n.SetRetention(ctx, owner, a.Organization, g.ID, policy.Retention{Messages: 30})
			}, "retention.set messages days 30"},
			{"limits of nobody's", a.Organization, agent, func(ctx context.Context) error {
				return refusedOr(n.SetLimits(ctx, owner, s.provider.ID, g.ID, nil))
			}, ""},
			{"disable", a.Organization, agent, func(ctx context.Context) error {
				return n.DisableApp(ctx, owner, a.Organization, a.ID)
			}, "app.disable "},
			{"enable", a.Organization, agent, func(ctx context.Context) error {
				return n.EnableApp(ctx, owner, a.Organization, a.ID)
			}, "app.enable "},
			{"disable here", a.Organization, agent, func(ctx context.Context) error {
				return n.DisableAgent(ctx, owner, a.Organization, g.ID)
			}, "agent.disable "},
			{"enable here", a.Organization, agent, func(ctx context.Context) error {
				return n.EnableAgent(ctx, owner, a.Organization, g.ID)
			}, "agent.enable "},
			{"tokens", a.Organization, agent, func(ctx context.Context) error {
				return n.EndTokens(ctx, owner, a.Organization, a.ID)
			}, "tokens.end "},
			{"suite secret", s.provider.ID, s.Key, func(ctx context.Context) (err error) {
				added, _, err = n.AddSecret(ctx, owner, s.provider.ID, s.ID)
				return err
			}, "secret.add secret id N"},
			{"ticket", s.provider.ID, s.Key, func(ctx context.Context) error {
				_, err := n.NewTicket(ctx, owner, s.provider.ID, s.ID)
				return err
			}, "ticket.new "},
			{"install again", s.receiver.ID, installed, func(ctx context.Context) error {
				_, err := n.Install(ctx, owner, s.provider.ID, s.ID, s.receiver.ID, app.Installation{Range: directory.Range{DeptIDs: []int64{1}}})
				return err
			}, "app.install departments 1; people 0"},
			{"uninstall", s.receiver.ID, installed, func(ctx context.Context) error {
				return n.Uninstall(ctx, owner, s.receiver.ID, s.agent.ID)
			}, "app.uninstall "},
		} {
			before, err := w.db.Templates().Log(ctx, c.organization, c.subject)
			must(t, err)
			w.clock.move(time.Second)
			must(t, c.do(ctx))
			after, err := w.db.Templates().Log(ctx, c.organization, c.subject)
			must(t, err)
			if c.want == "" {
				if len(after) != len(before) {
					t.Errorf("%s: logged %+v", c.name, after[len(after)-1])
				}
				continue
			}
			want := strings.Replace(c.want, "N", strconv.FormatInt(added.ID, 10), 1)
			if len(after) != len(before)+1 {
				t.Errorf("%s: %d entries more", c.name, len(after)-len(before))
				continue
			}
			if e := after[len(after)-1]; string(e.Action)+" "+e.Note() != want || e.By != owner {
				t.Errorf("%s: %s %q by %+v, want %q", c.name, e.Action, e.Note(), e.By, want)
			}
		}
		made, err := w.db.Templates().Log(ctx, a.Organization, agent)
		must(t, err)
		if made[0].Action != audit.AppCreate || made[0].By != owner {
			t.Errorf("made: %+v", made[0])
		}
	})
}

// refusedOr turns a refusal into what is expected.
func refusedOr(err error) error {
	if err == nil {
		return errors.New("was not refused")
	}
	return nil
}
