package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/rest"
)

// auditLog is the audit logs of the house, with an entry of somebody of the
// organization and an older one of somebody else's.
type auditLog struct{ *house }

func (l auditLog) Page(_ context.Context, organization int64, q audit.Query) (audit.Page, error) {
	person := "everybody"
	if q.Person != nil {
		person = fmt.Sprint(*q.Person)
	}
	err := l.note(fmt.Sprintf("audit %d %d %s %s %s %s %d %d", organization, q.Limit, q.Before, q.Subject, person, q.Action,
		unix(q.From), unix(q.To)))
	by := audit.OnBehalfOf(organization, 7)
	by.Credential, by.Peer, by.Device = "session:abc", "192.0.2.7", secret(organization)
	return audit.Page{Entries: []audit.Entry{
		{
			N: 9, Organization: organization, At: time.Unix(1_700_000_000, 0).UTC(), By: by, Action: audit.PersonDisable,
			Subject: audit.PersonSubject(8), Reason: "Left.", Details: audit.Details{"n": 1}, About: []string{"dept:3"},
		},
		{
			N: -4, Organization: organization, At: time.Unix(1_600_000_000, 0).UTC(), Action: audit.TemplateApprove, Subject: ourTemplate, Version: 2,
			By: audit.By{Actor: audit.Person(organization+2, 9), Credential: "token:def", Peer: "192.0.2.9", Device: "Theirs"},
		},
	}, Next: audit.Cursor{N: 9}}, err
}

// unix is 0 for the zero time.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func (l auditLog) Verify(_ context.Context, organization int64) (audit.Report, error) {
	return audit.Report{Entries: 4, From: 3, Head: 9, HeadMAC: []byte{0xab}, Wrong: 7, Why: "it is missing: " + secret(organization)},
		l.note(fmt.Sprint("verify ", organization))
}

// Holder knows ann, and two bobs who have left.
func (h *house) Holder(_ context.Context, organization int64, userid string) (uint32, []uint32, error) {
	err := h.note(fmt.Sprintf("holder %d %s", organization, userid))
	switch userid {
	case "ann":
		return 5, nil, err
	case "bob":
		return 0, []uint32{6, 9}, fault.New(fault.CodeConflict, "two")
	}
	return 0, nil, fault.New(fault.CodeUserUnknown, "nobody has or had the userid %q", userid)
}

// What a query comes to: what the log is asked, or the code, field, limit and value
// of a refusal, with which it is not asked.
func TestAuditRequests(t *testing.T) {
	t.Parallel()
	const at = "2023-11-14T22:13:20Z" // 1,700,000,000
	long := strings.Repeat("x", 101)
	for query, want := range map[string]string{
		"":                                "audit 1 50   everybody  0 0",
		"?limit=200":                      "audit 1 200   everybody  0 0",
		"?limit=":                         "audit 1 50   everybody  0 0",
		"?before=17&subject=t1":           "audit 1 50 17 t1 everybody  0 0",
		"?before=100.3":                   "audit 1 50 100.3  everybody  0 0",
		"?person=ann":                     "audit 1 50   5  0 0",
		"?action=person.disable":          "audit 1 50   everybody person.disable 0 0",
		"?from=" + at:                     "audit 1 50   everybody  1700000000 0",
		"?to=2023-11-15T06:13:20%2B08:00": "audit 1 50   everybody  0 1700000000",
		"?limit=0":                        "parameter_invalid limit 1 0",
		"?limit=201":                      "parameter_invalid limit 200 201",
		"?limit=x":                        "parameter_invalid limit 0 0",
		"?before=x":                       "parameter_invalid before 0 0",
		"?before=-1":                      "parameter_invalid before 0 0",
		"?before=0":                       "parameter_invalid before 0 0",
		"?before=" + long:                 "parameter_invalid before 50 101",
		"?subject=" + long:                "parameter_invalid subject 100 101",
		"?subject=%00":                    "parameter_invalid subject 0 0",
		"?subject=%ff":                    "parameter_invalid subject 0 0",
		"?person=zoe":                     "user_unknown person 0 0",
		"?person=%00":                     "user_unknown person 0 0",
		"?person=bob":                     "conflict person 0 0",
		"?action=person.eat":              "parameter_invalid action 0 0",
		"?action=%ff":                     "parameter_invalid action 0 0",
		"?from=yesterday":                 "parameter_invalid from 0 0",
		"?to=2023-11-15T06:13:20+08:00":   "parameter_invalid to 0 0",
		"?from=" + at + "&to=" + at:       "parameter_invalid from 0 0",
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/audit"+query, ours, "")
		if strings.HasPrefix(want, "audit") {
			if w.Code != http.StatusOK || !slices.Contains(h.asked, want) {
				t.Errorf("%s: %d %s, asked %q, want %q", query, w.Code, w.Body, h.asked, want)
			}
			continue
		}
		p := problem(t, w)
		if got := fmt.Sprintf("%s %s %d %d", p.Code, p.Field, p.Limit, p.Actual); got != want || w.Code/100 != 4 {
			t.Errorf("%.60s: %d %q (%s), want %q", query, w.Code, got, p.Detail, want)
		}
		if asked := strings.Join(h.asked, ";"); strings.Contains(asked, "audit") {
			t.Errorf("%s: refused, and asked %q", query, h.asked)
		}
	}
	p := problem(t, ask(t, newHouse().handler(), http.MethodGet, "/api/v1/audit?person=bob", ours, ""))
	if !strings.HasSuffix(p.Detail, "choose one with subject=person:6 or subject=person:9") {
		t.Error(p.Detail)
	}
}

// An entry names the people of the asker's organization. Of people of other ones it
// says the organization, and not where they asked from.
func TestAuditEntries(t *testing.T) {
	t.Parallel()
	var page rest.AuditPage
	w := ask(t, newHouse().handler(), http.MethodGet, "/api/v1/audit", ours, "")
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Items) != 2 || page.NextBefore == nil || *page.NextBefore != "9" {
		t.Fatalf("%v: %s", err, w.Body)
	}
	n, name := int64(9), secret(1)
	person := func(userid string) rest.Person {
		return rest.Person{Userid: userid, Name: name, CorpID: "corp1", OrganizationName: name}
	}
	subject := person("u8")
	want := rest.AuditEntry{
		N: &n, At: time.Unix(1_700_000_000, 0).UTC(), Actor: rest.AuditActor{Person: person("u7"), Credential: "session:abc"},
		Action: audit.PersonDisable, Subject: "person:8", Person: &subject, About: []string{"dept:3"}, Details: map[string]any{"n": 1.0},
		Reason: "Left.", Peer: "192.0.2.7", Device: name, Chained: true,
	}
	if !reflect.DeepEqual(page.Items[0], want) {
		t.Errorf("%+v\nwant\n%+v", page.Items[0], want)
	}
	version, their := 2, secret(3)
	want = rest.AuditEntry{
		At: time.Unix(1_600_000_000, 0).UTC(), Action: audit.TemplateApprove, Subject: ourTemplate, Version: &version,
		Actor: rest.AuditActor{Person: rest.Person{CorpID: "corp3", OrganizationName: their}, Credential: "token"},
		About: []string{}, Details: map[string]any{},
	}
	if !reflect.DeepEqual(page.Items[1], want) {
		t.Errorf("%+v\nwant\n%+v", page.Items[1], want)
	}
	const report = `{"ok":false,"entries":4,"first_wrong":7,"reason":"it is missing: secret_of_1","head":9,"code":"ab","floor":2,"erased":0,"unverified":0}`
	if w := ask(t, newHouse().handler(), http.MethodPost, "/api/v1/audit/verify", ours, ""); strings.TrimSpace(w.Body.String()) != report {
		t.Errorf("%s", w.Body)
	}
}

// slowLog verifies until the caller hangs up, or as long as it may.
type slowLog struct {
	auditLog

	begun chan struct{}
	ended chan error
}

func (l slowLog) Verify(ctx context.Context, organization int64) (audit.Report, error) {
	if organization != 1 {
		return audit.Report{From: 1}, nil
	}
	l.begun <- struct{}{}
	<-ctx.Done()
	l.ended <- context.Cause(ctx)
	return audit.Report{}, fmt.Errorf("%w: %w", errHidden, ctx.Err())
}

func newSlowLog(h *house) slowLog {
	return slowLog{auditLog{h}, make(chan struct{}, 1), make(chan error, 1)}
}

// One verification of a log runs at a time; other organizations do not wait for it;
// it ends after 45 seconds; and then the log can be verified again.
func TestVerifyingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		slow := newSlowLog(h)
		handler := h.with(slow)
		for range 2 {
			begin, answer := time.Now(), make(chan *httptest.ResponseRecorder, 1)
			go func() { answer <- ask(t, handler, http.MethodPost, "/api/v1/audit/verify", ours, "") }()
			<-slow.begun
			second := ask(t, handler, http.MethodPost, "/api/v1/audit/verify", ours, "")
			if p := problem(t, second); p.Code != fault.CodeThrottled || p.Status != http.StatusTooManyRequests || second.Header().Get("Retry-After") != "5" {
				t.Errorf("the second: %+v", p)
			}
			if w := ask(t, handler, http.MethodPost, "/api/v1/audit/verify", theirs, ""); w.Code != http.StatusOK {
				t.Errorf("another organization: %d %s", w.Code, w.Body)
			}
			<-slow.ended
			if p := problem(t, <-answer); p.Code != fault.CodeBusy || time.Since(begin) != 45*time.Second || !strings.Contains(p.Detail, "45 seconds") {
				t.Errorf("after %v: %+v", time.Since(begin), p)
			}
		}
	})
}

// Whoever hangs up ends the verification.
func TestVerifyingEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	h := newHouse()
	slow := newSlowLog(h)
	s := httptest.NewServer(h.with(slow))
	defer s.Close()
	ctx, hangUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/api/v1/audit/verify", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+ours)
	answered := make(chan error, 1)
	go func() {
		_, err := s.Client().Do(r)
		answered <- err
	}()
	<-slow.begun
	hangUp()
	if err := <-answered; err == nil {
		t.Error("it was answered")
	}
	if err := <-slow.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
