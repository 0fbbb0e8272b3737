package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

// ends are how far the demo brings each template, and the type of what it sends.
var ends = map[string]struct {
	state review.State
	kind  template.Kind
	sends string
}{
	"markdown":            {review.Approved, template.KindMarkdown, "markdown"},
	"action_card_single":  {review.Approved, template.KindActionCard, "action_card"},
	"action_card_buttons": {review.Approved, template.KindActionCard, "action_card"},
	"form":                {review.Approved, template.KindForm, "oa"},
	"in_review":           {review.InReview, "", ""},
	"rejected":            {review.Rejected, "", ""},
}

// operatorMay is the operator's grant of a right to an app.
func operatorMay(tb testing.TB, right policy.Right, a app.App) policy.Grant {
	tb.Helper()
	g, err := policy.Check(policy.Asker{By: audit.ByOperator()}, right, a.Resource(), review.Unknown())
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// mustTemplates returns the described templates as the server has them.
func (s *stage) mustTemplates(tb testing.TB, d description) map[string]review.Template {
	tb.Helper()
	for _, o := range d.Organizations {
		if diff := cmp.Diff(d.Organizations[0].Apps[1].Templates, o.Apps[1].Templates); diff != "" || o.Apps[0].Templates != nil {
			tb.Errorf("%s: %v, %s", o.Name, o.Apps[0].Templates, diff)
		}
	}
	a, _, err := s.server.Apps().AppOfAgent(context.Background(), d.Organizations[1].Apps[1].AgentID)
	if err != nil {
		tb.Fatal(err)
	}
	all, err := s.server.Templates().Templates(context.Background(), operatorMay(tb, policy.TemplatesRead, a))
	if err != nil {
		tb.Fatal(err)
	}
	got := map[string]review.Template{}
	for key, id := range d.Organizations[0].Apps[1].Templates {
		i := slices.IndexFunc(all, func(t review.Template) bool { return t.ID == id })
		if i < 0 {
			tb.Fatalf("template %s is described and not there", key)
		}
		if got[key], err = s.server.Templates().Template(context.Background(), operatorMay(tb, policy.TemplatesRead, a), id); err != nil {
			tb.Fatal(err)
		}
	}
	if len(all) != len(ends) || len(got) != len(ends) {
		tb.Errorf("%d templates, %d of them described, want %d", len(all), len(got), len(ends))
	}
	return got
}

// checkEnds wants every template where it is promised to be.
func checkEnds(tb testing.TB, got map[string]review.Template) {
	tb.Helper()
	for key, want := range ends {
		t := got[key]
		if t.State() != want.state || t.Enabled() != (want.state == review.Approved) || t.Newest.Number != 1 {
			tb.Errorf("%s is %s, version %d, in use: %v", key, t.State(), t.Newest.Number, t.Enabled())
		}
		if want.kind != "" && t.Newest.Form.Kind != want.kind {
			tb.Errorf("%s is of the kind %s", key, t.Newest.Form.Kind)
		}
		if want.state == review.Rejected != (t.Newest.Reason != "") {
			tb.Errorf("%s: reason %q", key, t.Newest.Reason)
		}
	}
	if n := len(got["action_card_single"].Newest.Form.Actions); n != 1 {
		tb.Errorf("action_card_single has %d actions", n)
	}
	if n := len(got["action_card_buttons"].Newest.Form.Actions); n < 2 {
		tb.Errorf("action_card_buttons has %d actions", n)
	}
}

// What the forms promise to whoever fills them in without having read them.
func checkForm(tb testing.TB, key string, f template.Form) {
	tb.Helper()
	findings, err := template.Lint(tb.Context(), f)
	if err != nil {
		tb.Fatal(err)
	}
	for _, finding := range findings {
		tb.Errorf("%s: %+v", key, finding)
	}
	if len(f.Parameters) == 0 || len(f.Parameters) > 5 {
		tb.Errorf("%s has %d parameters", key, len(f.Parameters))
	}
	plain, links := f.HeadText, f.MobileLink+" "+f.PCLink
	for _, a := range f.Actions {
		plain, links = plain+a.Title, links+" "+a.URL
	}
	if strings.Contains(plain, "${") {
		tb.Errorf("%s: a parameter in a button or the header: %s", key, plain)
	}
	for at := range strings.SplitSeq(f.Content, "](") {
		if link, _, ok := strings.Cut(at, ")"); ok && strings.Contains(link, "://") {
			links += " " + link
		}
	}
	for link := range strings.FieldsSeq(links) {
		if !strings.HasPrefix(link, "https://example.com/") {
			tb.Errorf("%s leads to %s", key, link)
		}
	}
	for _, p := range f.Parameters {
		if inLink := strings.Contains(links, "${"+p.Name+"}"); inLink != strings.HasSuffix(p.Name, "_url") {
			tb.Errorf("%s: %s stands in a link: %v", key, p.Name, inLink)
		}
		if p.MaxLength != 0 && p.MaxLength < 60 {
			tb.Errorf("%s: %s takes %d characters", key, p.Name, p.MaxLength)
		}
	}
}

// Every approved template sends, whatever 60 characters are filled in, also
// under the limits of the hosted service; the others do not.
func TestTemplatesSend(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		// As few calls as the stricter one allows in a second.
		for preset, fill := range map[string][]string{"standard": {"x", "界", "*", `"`}, "dingtalk": {"界", `"`}} {
			if preset == "dingtalk" && engine != "sqlite" {
				continue // lengths are counted before any engine sees them
			}
			t.Run(engine+" "+preset, func(t *testing.T) {
				t.Parallel()
				c := settings(t, engine)
				c.Preset = preset
				s := mustStage(t, c)
				d := s.mustDemo(t)
				got := s.mustTemplates(t, d)
				checkEnds(t, got)
				s.checkReviewed(t, d, got)
				for key := range got {
					checkForm(t, key, got[key].Newest.Form)
				}
				for n := range d.Organizations {
					s.checkSends(t, d, n, got, fill)
				}
			})
		}
	}
}

// checkSends sends every template in one organization to its first person.
func (s *stage) checkSends(t *testing.T, d description, n int, got map[string]review.Template, fill []string) {
	t.Helper()
	o, to := d.Organizations[n], d.Organizations[n].Users[0]
	suite := o.Apps[1]
	token, err := s.server.Apps().CorpToken(t.Context(), app.SuiteProof{Key: suite.AppKey, Secret: suite.AppSecret, Ticket: suite.SuiteTicket}, o.CorpID)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, key := range slices.Sorted(maps.Keys(ends)) {
		for _, char := range fill {
			values := map[string]string{}
			for _, p := range got[key].Newest.Form.Parameters {
				values[p.Name] = strings.Repeat(char, 60)
				if strings.HasSuffix(p.Name, "_url") {
					values[p.Name] = ("https://example.com/orders/2041/?a=b&" + strings.Repeat("c", 60))[:60]
				}
			}
			code := s.mustSendTemplate(t, token.Value, suite.AgentID, suite.Templates[key], to.Userid, values)
			switch {
			case ends[key].state != review.Approved && code != 885006:
				t.Errorf("%s: %s: errcode %d, want 885006", o.Name, key, code)
			case ends[key].state == review.Approved && code != 0:
				t.Errorf("%s: %s with %s: errcode %d", o.Name, key, char, code)
			case code == 0:
				want = append(want, ends[key].sends)
			}
		}
	}
	var there []string
	for _, i := range s.mustInbox(t, to.APIToken).Items {
		if i.App.Name == suite.Name {
			there = append(there, i.Type)
			if !strings.Contains(i.HTML, "https://example.com/") {
				t.Errorf("a card without its link: %s", i.HTML)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(there)
	if diff := cmp.Diff(want, there); diff != "" {
		t.Errorf("%s: %s", o.Name, diff)
	}
}

// mustSendTemplate returns the errcode.
func (s *stage) mustSendTemplate(tb testing.TB, token string, agent int64, id, userid string, values map[string]string) int {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"agent_id": agent, "template_id": id, "userid_list": userid, "data": values})
	if err != nil {
		tb.Fatal(err)
	}
	w, err := http.Post(s.base+"/topapi/message/corpconversation/sendbytemplate?access_token="+token, "application/json", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Body.Close()
	var answer struct {
		Code int `json:"errcode"`
	}
	if err := json.NewDecoder(w.Body).Decode(&answer); err != nil {
		tb.Fatal(err)
	}
	return answer.Code
}

// checkReviewed wants that the demo's people have written and decided, by the
// rules that there are for anybody.
func (s *stage) checkReviewed(t *testing.T, d description, all map[string]review.Template) {
	t.Helper()
	provider, err := s.server.Directory().ByCorpID(t.Context(), d.Organizations[0].CorpID)
	if err != nil {
		t.Fatal(err)
	}
	for key, got := range all {
		v := got.Newest
		if got.Organization != provider.ID || len(v.Authors) != 1 || v.Authors[0].Organization != provider.ID || v.SubmittedBy != v.Authors[0] {
			t.Errorf("%s: of %d, by %v, submitted by %v", key, got.Organization, v.Authors, v.SubmittedBy)
		}
		if v.State != review.InReview && (v.DecidedBy.IsOperator() || v.DecidedBy.Organization == provider.ID) {
			t.Errorf("%s: decided by %v", key, v.DecidedBy)
		}
	}
}
