package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// describe writes the description, by rename.
func (d *Demo) describe(ctx context.Context) error {
	if d.o.Describe == "" {
		return nil
	}
	view := description{BaseURL: d.o.BaseURL}
	for _, s := range d.shown {
		o, err := d.describeOne(ctx, s)
		if err != nil {
			return fmt.Errorf("describe %s: %w", s.name, err)
		}
		view.Organizations = append(view.Organizations, o)
	}
	if err := writeJSON(d.o.Describe, view, true); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	return nil
}

func (d *Demo) describeOne(ctx context.Context, s *shown) (organizationView, error) {
	o, err := d.o.Directory.ByCorpID(ctx, s.state.CorpID)
	if err != nil {
		return organizationView{}, err
	}
	described := s.state.Apps["app"]
	v := organizationView{CorpID: o.CorpID, Name: o.Name, Reviews: o.ReviewsOthers, Apps: []appView{{
		Name: s.app, Kind: "internal", AppKey: described.Key, AppSecret: described.Secret, AgentID: described.AgentID,
	}}}
	suite, err := d.describeSuite(ctx, s)
	if err != nil {
		return v, err
	}
	v.Apps = append(v.Apps, suite)
	depts, err := d.o.Directory.Departments(ctx, s.id)
	if err != nil {
		return v, err
	}
	for _, dept := range depts {
		at := len(v.Departments)
		v.Departments = append(v.Departments, departmentView{DeptID: dept.ID, Name: dept.Name, ParentID: dept.ParentID})
		if dept.ID == directory.RootID {
			v.Departments[0], v.Departments[at] = v.Departments[at], v.Departments[0]
		}
	}
	users, err := d.activeUsers(ctx, s.id)
	for _, u := range users {
		v.Users = append(v.Users, userView{
			Userid: u.Userid, Name: u.Name, DeptIDs: u.DeptIDs, Roles: u.Roles, APIToken: s.state.APITokens[u.Userid],
			SignInURL: d.signInURL(s, u.Userid),
		})
	}
	return v, err
}

func (d *Demo) signInURL(s *shown, userid string) string {
	return account.SignInURL(d.o.BaseURL, s.state.SignInLinks[userid])
}

// printGuide says where the server is and what to try next.
func (d *Demo) printGuide(ctx context.Context) error {
	s, base := d.shown[0], d.o.BaseURL
	described := s.state.Apps["app"]
	d.out.line("\nTidings runs at %s", d.out.paint(bold, base))
	if err := d.printLinks(); err != nil {
		return err
	}
	if err := d.printConsole(ctx); err != nil {
		return err
	}
	d.out.line("\nSend a notification to %s, as often as you like:", s.addressee())
	d.out.line("\n  %s", d.sendLine(s))
	d.out.line("\nRead what %s got:", s.addressee())
	d.out.line("\n  %s", d.readLine(s))
	d.out.line("\nIn code written for DingTalk, change the host:")
	d.out.line("\n  Go    dingding.ServerUrl = %q", base)
	d.out.line("  Java  new DefaultDingTalkClient(%q)", base+"/topapi/message/corpconversation/asyncsend_v2")
	d.out.line("  Node  new DingTalk({ host: %q, corpid: %q, corpsecret: %q })", base, s.state.CorpID, described.Secret)
	d.out.line("\n  app key %s, app secret %s, agent id %d", described.Key, described.Secret, described.AgentID)
	d.out.line("\nEverybody's sign-in link and API token are in %s. Stop with Ctrl-C.", d.state.path)
	return nil
}

// printLinks says how to read the inbox in a browser as one person of each
// organization, the first the one whom the curl lines address.
func (d *Demo) printLinks() error {
	d.out.line("\nSign in with a browser, as one person of each organization:\n")
	var first *shown
	for _, s := range d.shown {
		if s.greets == "" {
			continue // has left; the others' links are in demo.json
		}
		if first == nil {
			first = s
		}
		d.out.line("  %s, %s\n  %s", d.out.paint(bold, s.greets), s.name, d.signInURL(s, s.reader))
	}
	if !d.o.QR || first == nil {
		return nil
	}
	link := d.signInURL(first, first.reader)
	code, err := qrCode(link)
	if err != nil {
		return err
	}
	d.out.line("\nOn a phone, as %s:\n\n%s\n  %s", first.greets, code, link)
	return nil
}

// printConsole says how to open the console as somebody who writes templates, somebody
// who reviews them, an administrator, and a composer, who has no role and sends by hand.
func (d *Demo) printConsole(ctx context.Context) error {
	d.out.line("\nWrite and review templates, and send by hand, in the console:")
	for _, s := range d.shown {
		users, err := d.activeUsers(ctx, s.id)
		if err != nil {
			return err
		}
		apps, err := d.o.Apps.Apps(ctx, s.id)
		if err != nil {
			return err
		}
		d.out.line("\n  %s", s.name)
		for _, role := range []policy.Role{policy.Author, policy.Reviewer, policy.Administrator} {
			d.printDesk(s, users, string(role), func(u directory.User) bool { return slices.Contains(u.Roles, string(role)) })
		}
		d.printDesk(s, users, "composer", func(u directory.User) bool {
			return slices.Equal(u.Roles, []string{string(policy.Employee)}) && composes(apps, u.Ordinal)
		})
	}
	return nil
}

// printDesk prints the link of the first person for whom is holds; nothing when there is none.
func (d *Demo) printDesk(s *shown, users []directory.User, what string, is func(directory.User) bool) {
	at := slices.IndexFunc(users, is)
	if at < 0 {
		return
	}
	u := users[at]
	link := fmt.Sprintf("%s/?then=/console#sign-in=%s", d.o.BaseURL, s.state.SignInLinks[u.Userid])
	d.out.line("  %s  %s", pad(u.Name+", "+what, deskWidth), link)
}

// deskWidth is how many columns a name and a role have before their link.
const deskWidth = 30

func composes(apps []app.Listing, ordinal uint32) bool {
	return slices.ContainsFunc(apps, func(l app.Listing) bool { return slices.Contains(l.Agent.Composers.Ordinals, ordinal) })
}

// addressee is the reader in words, and as the wire calls them.
func (s *shown) addressee() string {
	if s.greets == "" {
		return s.reader
	}
	return fmt.Sprintf("%s (%s)", s.greets, s.reader)
}

// sendLine is a shell command that fetches a token and sends with it. The time
// in its text makes each run new content.
func (d *Demo) sendLine(s *shown) string {
	a := s.state.Apps["app"]
	token := fmt.Sprintf(`$(curl -s '%s/gettoken?appkey=%s&appsecret=%s' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')`,
		d.o.BaseURL, a.Key, a.Secret)
	text, _ := json.Marshal(s.greeting) // a constant of ours
	body := fmt.Sprintf(`{"agent_id":%d,"userid_list":"%s","msg":{"msgtype":"text","text":{"content":%s '"$(date +%%T)"'"}}}`,
		a.AgentID, s.reader, strings.TrimSuffix(string(text), `"`))
	return fmt.Sprintf(`curl -s "%s/topapi/message/corpconversation/asyncsend_v2?access_token=%s" -H 'Content-Type: application/json' -d '%s'; echo`,
		d.o.BaseURL, token, body)
}

func (d *Demo) readLine(s *shown) string {
	return fmt.Sprintf(`curl -s '%s/api/v1/inbox/messages?limit=3' -H 'Authorization: Bearer %s'; echo`,
		d.o.BaseURL, s.state.APITokens[s.reader])
}
