package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// stage is a provider with a third-party app that another organization has
// installed and was named to review, and a third organization, for which neither
// is so. Everybody is named after their role.
type stage struct {
	*node
	provider, other, third firm
	agent                  int64 // at other
}

func (n *node) mustStage() stage {
	s := stage{
		node:     n,
		provider: n.mustFirm("Provider", "employee", "author", "auditor", "reviewer"),
		other:    n.mustFirm("Other", "employee", "reviewer", "reviewer2"),
		third:    n.mustFirm("Third", "owner", "reviewer"),
	}
	ctx := context.Background()
	for _, f := range []firm{s.provider, s.other, s.third} {
		for userid := range f.tokens {
			n.mustRoles(f, userid, strings.TrimRight(userid, "2"))
		}
	}
	named := true
	if _, err := n.Directory().UpdateOrganization(ctx, audit.ByOperator(), s.other.id, directory.OrganizationChange{ReviewsOthers: &named}); err != nil {
		n.fail("name for reviews: %v", err)
	}
	a, _, err := n.Apps().CreateThirdParty(ctx, audit.ByOperator(), s.provider.id, app.NewApp{Name: "Approvals", TrustedHosts: []string{"app.example.com"}}, true)
	if err != nil {
		n.fail("app: %v", err)
	}
	for _, f := range []firm{s.provider, s.other} {
		g, err := n.Apps().Install(ctx, audit.ByOperator(), s.provider.id, a.ID, f.id, app.Installation{Range: directory.Range{Everyone: true}})
		if err != nil {
			n.fail("install: %v", err)
		}
		s.agent = g.ID
	}
	return s
}

func (n *node) mustRoles(f firm, userid string, roles ...string) {
	if _, err := n.Directory().UpdateUser(context.Background(), audit.ByOperator(), f.id, userid, directory.UserChange{Roles: &roles}); err != nil {
		n.fail("roles: %v", err)
	}
}

// ask asks our own API and returns status and body.
func (s stage) ask(method, path, token, body string) (int, string) {
	r, err := http.NewRequest(method, s.base+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		s.fail("%s: %v", path, err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	if body == aFile {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=xyz")
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		s.fail("%s: %v", path, err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		s.fail("%s: %v", path, err)
	}
	return w.StatusCode, string(text)
}

// templates is the path of the app's templates, as the other organization
// names the app.
func (s stage) templates(more string) string {
	return fmt.Sprintf("apps/%d/templates%s", s.agent, more)
}

// noteForm is a form without errors. The content ends up on the card.
func noteForm(content string) string {
	return fmt.Sprintf(`{"kind":"action_card","name":"Note","use_case":"Tells about notes.","title":"A note","content":%q,`+
		`"actions":[{"title":"Open","url":"https://app.example.com/notes/${id}"}],`+
		`"parameters":[{"name":"who","description":"whose","sample":"Ann"},{"name":"id","description":"which","sample":"n 1"}]}`, content)
}
