package policy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// The columns of testdata/rights.txt and their values.
var columns = [][]string{
	2: {"own", "receiving", "appointed", "stranger", "-"},
	3: {"none", "internal", "third_party"},
	4: {"other", "self", "took_part", "composer", "composed", "took_part_composer"},
	5: {"shown", "draft"},
}

func everybody() []string { return append(policy.RoleNames(), "plain", "operator", "nobody") }

// asker is somebody of organization 1, or the operator, or nobody.
func asker(who, from string) policy.Asker {
	switch who {
	case "operator":
		return policy.Asker{By: audit.ByOperator()}
	case "nobody":
		return policy.Asker{}
	}
	return policy.Asker{
		By: audit.By{Actor: audit.Person(1, 7)}, Roles: policy.RoleSet(who), Appointed: from == "appointed",
	}
}

// of is what is asked about, as its cell says.
func of(a policy.Asker, from, app, part string) policy.Resource {
	r := policy.Resource{Organization: 2}
	switch from {
	case "own":
		r.Organization = 1
	case "receiving":
		r.ReceivedBy = 1
	}
	if app != "none" {
		r.App, r.ThirdParty = 5, app == "third_party"
	}
	if part == "self" || part == "composed" {
		r.Person = a.By.Actor
	}
	return r
}

// wanted reads the file: the verdict of each cell that it names.
func wanted(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/rights.txt")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) != 7 {
			t.Fatalf("%d columns: %s", len(fields), line)
		}
		values := make([][]string, 7)
		for i, f := range fields {
			values[i] = strings.Fields(f)
			if strings.TrimSpace(f) != "*" {
				continue
			}
			values[i] = everybody()
			if i > 1 {
				values[i] = columns[i]
			}
		}
		for cell := range cellsOf(values[:6]) {
			if _, again := cells[cell]; again {
				t.Errorf("decided twice: %s", cell)
			}
			cells[cell] = values[6][0]
		}
	}
	return cells
}

// cellsOf yields every combination of values.
func cellsOf(values [][]string) map[string]bool {
	cells := map[string]bool{"": true}
	for _, column := range values {
		longer := map[string]bool{}
		for cell := range cells {
			for _, v := range column {
				longer[strings.TrimSpace(cell+" "+v)] = true
			}
		}
		cells = longer
	}
	return cells
}

// Every cell of the table is as the file says, which was written by hand.
func TestTheTableIsAsWrittenDown(t *testing.T) {
	t.Parallel()
	want := wanted(t)
	asked := map[string]bool{}
	for _, right := range policy.Rights() {
		for cell := range cellsOf([][]string{{string(right)}, everybody(), columns[2], columns[3], columns[4], columns[5]}) {
			asked[cell] = true
			f := strings.Fields(cell)
			who, from := f[1], f[2]
			nowhere := who == "operator" || who == "nobody"
			if nowhere != (from == "-") || nowhere && f[4] != "other" && f[4] != "took_part" {
				continue // people are somewhere and have something of their own, the others do not
			}
			a := asker(who, from)
			if strings.Contains(f[4], "compose") {
				a.Composes = policy.NewAppSet(4, 5)
			}
			got := a.Verdict(right, of(a, from, f[3], f[4]), policy.Case{TookPart: strings.HasPrefix(f[4], "took_part"), Draft: f[5] == "draft"})
			expected := want[cell]
			if expected == "" {
				expected = "unseen"
			}
			if got.String() != expected {
				t.Errorf("%s: %s, want %s", cell, got, expected)
			}
		}
	}
	for cell := range want {
		if !asked[cell] {
			t.Errorf("no such cell: %s", cell)
		}
	}
}

// Of several roles the best counts.
func TestTheBestOfSeveralRolesCounts(t *testing.T) {
	t.Parallel()
	a := asker("author", "own")
	app := policy.Resource{Organization: 1, App: 5}
	if got := a.Verdict(policy.TemplatesReview, app, policy.Case{}); got != policy.Refused {
		t.Errorf("an author: %s", got)
	}
	a.Roles |= policy.RoleSet(policy.Reviewer)
	if got := a.Verdict(policy.TemplatesReview, app, policy.Case{}); got != policy.Granted {
		t.Errorf("an author and reviewer: %s", got)
	}
	if got := a.Verdict(policy.TemplatesReview, app, policy.Case{TookPart: true}); got != policy.Refused {
		t.Errorf("for what they wrote: %s", got)
	}
}

// A grant is of the right it was checked for, and of no other.
func TestGrants(t *testing.T) {
	t.Parallel()
	unseen := fault.New(fault.CodeTemplateUnknown, "there is no such thing")
	app := policy.Resource{Organization: 1, App: 5}
	g, err := policy.Check(asker("author", "own"), policy.TemplatesWrite, app, unseen)
	if err != nil || g.For(policy.TemplatesWrite) != nil || g.By() != asker("author", "own").By || g.Resource() != app {
		t.Errorf("%+v, %v", g, err)
	}
	if !g.May(policy.TemplatesRead, policy.Case{Draft: true}) || g.May(policy.TemplatesReview, policy.Case{}) {
		t.Error("what else an author may")
	}
	for name, err := range map[string]error{
		"another right": g.For(policy.TemplatesReview), "no right": g.For(""), "a zero grant": policy.Grant{}.For(policy.TemplatesWrite),
		"a zero grant of nothing": policy.Grant{}.For(""),
	} {
		if fault.From(err).Code != fault.CodeInternal {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		asker  policy.Asker
		right  policy.Right
		unseen error
		want   fault.Code
	}{
		"refused":           {asker("auditor", "own"), policy.TemplatesWrite, unseen, fault.CodePermissionDenied},
		"unseen":            {asker("employee", "own"), policy.TemplatesWrite, unseen, fault.CodeTemplateUnknown},
		"nobody":            {policy.Asker{}, policy.TemplatesRead, unseen, fault.CodeInternal},
		"an app":            {policy.Asker{By: audit.By{Actor: audit.App(1, 5)}}, policy.TemplatesRead, unseen, fault.CodeTemplateUnknown},
		"no such right":     {asker("owner", "own"), "templates.eat", unseen, fault.CodeInternal},
		"no right":          {asker("owner", "own"), "", unseen, fault.CodeInternal},
		"nothing if unseen": {asker("employee", "own"), policy.TemplatesWrite, nil, fault.CodeInternal},
	} {
		g, err := policy.Check(c.asker, c.right, app, c.unseen)
		if fault.From(err).Code != c.want || g != (policy.Grant{}) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
}

// What the description of the API says, and what somebody reads who is refused.
func TestSentences(t *testing.T) {
	t.Parallel()
	for right, want := range map[policy.Right]string{
		policy.Open:      "Takes no credential.",
		policy.InboxRead: "Takes no role: it is about the asker.",
		policy.FilesRead: "Takes no role.",
		policy.TemplatesRead: "Takes any role but employee in the app's organization; for what was submitted of a third-party app the role reviewer " +
			"in an organization that the operator named for reviews. To everybody else there is no such app.",
		policy.TemplatesWrite: "Takes the role author, administrator or owner in the app's organization.",
		policy.TemplatesReview: "Takes for an internal app the role reviewer in the app's organization; for what was submitted of a third-party app " +
			"the role reviewer in an organization that the operator named for reviews. Nobody has it for what they wrote or submitted.",
		policy.AppsList:      "Takes any role but employee in the organization; or to be a composer of an app.",
		policy.AppsRead:      "Takes the role developer, auditor, administrator or owner in the app's organization or one that has it installed.",
		policy.SendsWrite:    "Takes the role administrator or owner in the organization that it is sent to; or to be a composer of the app.",
		policy.TemplatesList: "Takes any role but employee in the organization.",
		policy.PeopleRead:    "Takes the role developer, auditor, administrator or owner in the organization; or to be a composer of an app.",
		policy.AuditRead:     "Takes the role auditor, administrator or owner in the organization.",
		policy.TasksRead: "Takes the role developer, auditor, administrator or owner in the organization that was sent it; for what they sent " +
			"themselves the role author in the organization that was sent it; for what they sent themselves to be a composer of the app. " +
			"To everybody else there is no such task.",
		policy.RecipientsRead: "Takes the role auditor, administrator or owner in the organization that was sent it; for an internal app the role " +
			"developer in the organization that was sent it; for what they sent themselves the role author in the organization that was sent it; " +
			"for what they sent themselves to be a composer of the app.",
	} {
		if got := right.Sentence(); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", right, got, want)
		}
	}
	for want, c := range map[string]struct {
		right policy.Right
		third bool
	}{
		"this takes the role author, administrator or owner in the app's organization":        {policy.TemplatesWrite, false},
		"this takes the role reviewer in the app's organization":                              {policy.TemplatesReview, false},
		"this takes the role reviewer in an organization that the operator named for reviews": {policy.TemplatesReview, true},
	} {
		_, err := policy.Check(asker("auditor", "own"), c.right, policy.Resource{Organization: 1, App: 5, ThirdParty: c.third}, fault.New(fault.CodeNotFound, "none"))
		if fault.From(err).Text != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for roles, want := range map[string]string{
		"employee": "[]", "developer": "[templates notifications apps]", "author": "[templates notifications]", "auditor": "[templates audit notifications apps]",
		"administrator": "[templates audit notifications compose apps]", "owner": "[templates audit notifications compose apps]", "reviewer": "[templates reviews]", "plain": "[]",
	} {
		if got := fmt.Sprint(asker(roles, "own").Pages()); got != want {
			t.Errorf("%s: %s, want %s", roles, got, want)
		}
	}
	composer := asker("plain", "own")
	composer.Composes = policy.NewAppSet(5)
	if got := fmt.Sprint(composer.Pages()); got != "[notifications compose]" {
		t.Errorf("a composer: %s", got)
	}
	if composer.Anywhere(policy.SendsEveryone) || !composer.Anywhere(policy.SendsWrite) || asker("auditor", "own").Anywhere(policy.SendsWrite) {
		t.Error("who may send by hand at all")
	}
	if other := (policy.Resource{Organization: 1, App: 6}); composer.Verdict(policy.SendsWrite, other, policy.Case{}) != policy.Unseen {
		t.Error("a composer of another app")
	}
	if got := (policy.Asker{}).Pages(); len(got) != 0 {
		t.Errorf("nobody: %v", got)
	}
}

func TestRoleSets(t *testing.T) {
	t.Parallel()
	set := policy.RoleSet("reviewer", "nonsense", "author")
	if got := set.List(); !slices.Equal(got, []policy.Role{policy.Author, policy.Reviewer}) {
		t.Errorf("%v", got)
	}
	if got := policy.RoleSet[string]().List(); got == nil || len(got) != 0 {
		t.Errorf("none: %v", got)
	}
}
