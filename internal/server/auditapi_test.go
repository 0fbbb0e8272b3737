package server_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// logView is the audit log of an organization, as its auditor asks for it.
type logView struct {
	stage
	*testing.T
	firm
	rooms *server.Rooms // beside the server
	raw   *sql.DB
}

// eachLogView runs a test with a server on each engine, on which Ours is an
// organization with the auditor eve and the employees ann and bob.
func eachLogView(t *testing.T, run func(v *logView)) {
	t.Helper()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		v := &logView{stage: stage{node: mustRun(t, c, nil)}, T: t}
		rooms, err := server.Open(t.Context(), c, options(nil))
		must(t, err)
		t.Cleanup(func() { _ = rooms.Close() })
		_, v.raw = storetest.Raw(t, c.Database)
		v.rooms, v.firm = rooms, v.mustFirm("Ours", "eve", "ann", "bob")
		v.mustRoles(v.firm, "eve", "auditor")
		run(v)
	})
}

// write puts an entry into a log.
func (v *logView) write(e audit.Entry) {
	v.Helper()
	if e.By.IsNobody() {
		e.By = audit.ByOperator()
	}
	must(v.T, v.rooms.AuditLog.Store.Record(context.Background(), e))
}

type loggedPerson struct {
	Userid, Name string
	CorpID       string `json:"corp_id"`
	Operator     bool
}

type logged struct {
	N     *int64
	At    time.Time
	Actor struct {
		loggedPerson
		Credential string
	}
	Action, Subject, Reason, Peer, Device string
	Person                                *loggedPerson
	Version                               *int
	Details                               map[string]any
	Erased, Chained, Damaged              bool
}

type loggedPage struct {
	Items []logged
	Next  *string `json:"next_before"`
}

// list asks for a page.
func (v *logView) list(query url.Values) (p loggedPage) {
	v.Helper()
	status, text := v.ask(http.MethodGet, "audit?"+query.Encode(), v.tokens["eve"], "")
	if err := json.Unmarshal([]byte(text), &p); err != nil || status != http.StatusOK {
		v.Fatalf("%v: %d, %v: %s", query, status, err, text)
	}
	return p
}

// all asks for pages of 200 until the last one; between has its say between two.
func (v *logView) all(query url.Values, between func()) (all []logged) {
	v.Helper()
	for query.Set("limit", "200"); ; between() {
		p := v.list(query)
		all = append(all, p.Items...)
		if p.Next == nil {
			return all
		}
		query.Set("before", *p.Next)
	}
}

// Every entry that was there at the first page is on one page, whatever comes
// meanwhile.
func TestAuditPagesAreWhole(t *testing.T) {
	t.Parallel()
	eachLogView(t, func(v *logView) {
		for i := range 1050 {
			v.write(audit.Entry{Organization: v.id, At: time.Unix(int64(i), 0), Action: audit.AppSave, Subject: fmt.Sprint("a", i%2)})
		}
		newest := *v.list(url.Values{}).Items[0].N
		var numbers []int64
		for _, e := range v.all(url.Values{}, func() { v.write(audit.Entry{Organization: v.id, Action: audit.AppSave, Subject: "late"}) }) {
			numbers = append(numbers, *e.N)
		}
		if len(numbers) != int(newest) || numbers[0] != newest || numbers[len(numbers)-1] != 1 ||
			!slices.IsSortedFunc(numbers, func(a, b int64) int { return int(b - a) }) || len(slices.Compact(numbers)) != len(numbers) {
			v.Errorf("%d entries, of %d to %d; the newest was %d", len(numbers), numbers[0], numbers[len(numbers)-1], newest)
		}
		if of := v.all(url.Values{"subject": {"a1"}}, func() {}); len(of) != 525 {
			v.Errorf("%d entries about one of two subjects", len(of))
		}
	})
}

// Each filter gives what it says, and together they give what all of them say.
func TestAuditFilters(t *testing.T) {
	t.Parallel()
	eachLogView(t, func(v *logView) {
		ordinal := func(userid string) uint32 {
			o, ok := v.Directory().Ordinal(v.id, userid)
			if !ok {
				v.Fatalf("%s is not there", userid)
			}
			return o
		}
		ann, bob := audit.OnBehalfOf(v.id, ordinal("ann")), audit.OnBehalfOf(v.id, ordinal("bob"))
		at := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC) // after everything that the server wrote
		for i, e := range []audit.Entry{
			{By: ann, Action: audit.PersonDisable, Subject: audit.PersonSubject(bob.Ordinal)},
			{By: bob, Action: audit.TemplateSave, Subject: "t1", Version: 3, Details: audit.Details{"n": 7}, Reason: "Why."},
			{By: bob, Action: audit.TemplateSubmit, Subject: "t1"},
			{Action: audit.PersonEnable, Subject: audit.PersonSubject(ann.Ordinal)},
		} {
			e.Organization, e.At = v.id, at.Add(time.Duration(i)*time.Hour)
			v.write(e)
		}
		first := *v.list(url.Values{}).Items[0].N - 3
		after := at.Format(time.RFC3339)
		for query, want := range map[string][]int64{
			"": {3, 2, 1, 0}, "person=ann": {3, 0}, "person=bob": {2, 1, 0}, "action=template.save": {1}, "subject=t1": {2, 1},
			"subject=person:" + fmt.Sprint(ann.Ordinal): {3, 0}, "person=bob&subject=t1&action=template.submit": {2},
			"person=ann&subject=t1": {}, "to=" + at.Add(time.Hour).Format(time.RFC3339): {0}, "limit=2": {3, 2},
			"to=" + url.QueryEscape(at.Add(time.Hour).In(time.FixedZone("", 8*3600)).Format(time.RFC3339)): {0},
		} {
			values, err := url.ParseQuery("from=" + after + "&" + query)
			must(v.T, err)
			got := []int64{}
			for _, e := range v.list(values).Items {
				got = append(got, *e.N-first)
			}
			if !slices.Equal(got, want) {
				v.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		e := v.list(url.Values{"action": {"template.save"}}).Items[0]
		if e.Actor.Userid != "bob" || e.Actor.Name != "bob" || e.Actor.CorpID != v.corpID || e.Actor.Credential != audit.CommandLine ||
			!e.At.Equal(at.Add(time.Hour)) || *e.Version != 3 || e.Details["n"] != 7.0 || e.Reason != "Why." || !e.Chained || e.Person != nil {
			v.Errorf("%+v", e)
		}
		for query, want := range map[string]string{
			"person=zoe": "404 user_unknown person 0 0", "action=person.eat": "400 parameter_invalid action 0 0",
			"limit=201": "400 parameter_invalid limit 200 201", "before=x": "400 parameter_invalid before 0 0",
			"from=now": "400 parameter_invalid from 0 0", "subject=%00": "400 parameter_invalid subject 0 0",
			"person=%00%ff": "404 user_unknown person 0 0",
		} {
			status, text := v.ask(http.MethodGet, "audit?"+query, v.tokens["eve"], "")
			var p struct {
				Code, Field   string
				Limit, Actual int64
			}
			must(v.T, json.Unmarshal([]byte(text), &p))
			if got := fmt.Sprint(status, " ", p.Code, " ", p.Field, " ", p.Limit, " ", p.Actual); got != want {
				v.Errorf("%s: %s, want %s: %s", query, got, want, text)
			}
		}
	})
}

// People who have left are named, and those who were erased have lost what was
// private, also while their userid is somebody else's.
func TestAuditOfPeopleWhoAreGone(t *testing.T) {
	t.Parallel()
	eachLogView(t, func(v *logView) {
		ctx, by := v.Context(), audit.ByOperator()
		ann, _ := v.Directory().Ordinal(v.id, "ann")
		did := audit.By{Actor: audit.Person(v.id, ann), Credential: "session:abc", Peer: "192.0.2.7", Device: "Example/1.0"}
		v.write(audit.Entry{Organization: v.id, By: did, Action: audit.TemplateReject, Subject: "t1", Reason: "Too faint."})
		query := url.Values{"action": {"template.reject"}}
		if e := v.list(query).Items[0]; e.Reason == "" || e.Peer != "192.0.2.7" || e.Device == "" || e.Erased || e.Actor.Name != "ann" {
			v.Errorf("before: %+v", e)
		}
		must(v.T, v.rooms.Directory.DeleteUser(ctx, by, v.id, "ann"))
		query.Set("person", "ann")
		if p := v.list(query); len(p.Items) != 1 || p.Items[0].Actor.Userid != "ann" {
			v.Errorf("deleted: %+v", p)
		}
		must(v.T, v.rooms.Eraser.Erase(ctx, by, v.id, ann))
		query.Set("person", directory.Tombstone(ann))
		e := v.list(query).Items[0]
		if e.Reason != "" || e.Peer != "" || e.Device != "" || !e.Erased || e.Actor.Userid != directory.Tombstone(ann) || e.Actor.Name != "" {
			v.Errorf("erased: %+v", e)
		}
	})
}

// An organization sees its own log, neither another's nor the installation's.
func TestAuditOfOneOrganization(t *testing.T) {
	t.Parallel()
	eachLogView(t, func(v *logView) {
		theirs := v.mustFirm("Theirs", "mallory")
		v.write(audit.Entry{Organization: theirs.id, Action: audit.AppSave, Subject: "of-theirs"})
		v.write(audit.Entry{Action: audit.Moved, Subject: "of-the-installation"})
		for _, query := range []string{"", "?subject=of-theirs", "?subject=of-the-installation", "?action=installation.move"} {
			status, text := v.ask(http.MethodGet, "audit"+query, v.tokens["eve"], "")
			if status != http.StatusOK || strings.Contains(text, "of-the") || strings.Contains(text, theirs.corpID) ||
				strings.Contains(text, "mallory") || (query == "") != strings.Contains(text, "person.create") {
				v.Errorf("%s: %d %s", query, status, text)
			}
		}
	})
}

// Verifying says what the command line says: that the log is whole, or which entry
// is the first that is not as it was written.
func TestVerifyOverTheAPI(t *testing.T) {
	t.Parallel()
	eachLogView(t, func(v *logView) {
		verify := func() (r struct {
			OK      bool
			Entries int64
			First   *int64 `json:"first_wrong"`
			Reason  string
			Head    int64
			Code    string
			Floor   int64
		},
		) {
			status, text := v.ask(http.MethodPost, "audit/verify", v.tokens["eve"], "")
			if err := json.Unmarshal([]byte(text), &r); err != nil || status != http.StatusOK {
				v.Fatalf("%d, %v: %s", status, err, text)
			}
			return r
		}
		for i := range 6 {
			v.write(audit.Entry{Organization: v.id, Action: audit.AppSave, Subject: fmt.Sprint("a", i)})
		}
		newest := *v.list(url.Values{}).Items[0].N
		said, err := v.rooms.AuditLog.Verify(v.Context(), v.id)
		must(v.T, err)
		if r := verify(); !r.OK || r.Entries != newest || r.Head != newest || r.First != nil || r.Reason != "" || r.Floor != 0 ||
			r.Code != fmt.Sprintf("%x", said.HeadMAC) {
			v.Errorf("before: %+v, want %+v", r, said)
		}
		done, err := v.raw.Exec(fmt.Sprintf(`UPDATE audit_entry SET subject = 'other' WHERE organization = %d AND n >= %d`, v.id, newest-2))
		must(v.T, err)
		if n, err := done.RowsAffected(); n != 3 || err != nil {
			v.Fatalf("%d rows changed, %v", n, err)
		}
		if r := verify(); r.OK || r.First == nil || *r.First != newest-2 || r.Reason == "" || r.Entries != newest-3 {
			v.Errorf("after: %+v", r)
		}
	})
}

// An entry of which not all can be read, because somebody changed its row, is listed
// as far as it can, among all others.
func TestDamagedEntriesAreListed(t *testing.T) {
	t.Parallel()
	eachLogView(t, func(v *logView) {
		v.write(audit.Entry{Organization: v.id, Action: audit.AppSave, Subject: "a1", Details: audit.Details{"n": 1}})
		before := v.list(url.Values{}).Items
		for _, change := range []string{`actor = 'x/y'`, `details = '{"n":'`, `details = '[1]'`} {
			_, err := v.raw.Exec(fmt.Sprintf(`UPDATE audit_entry SET %s WHERE organization = %d AND n = %d`, change, v.id, *before[0].N))
			must(v.T, err)
			after := v.list(url.Values{}).Items
			if len(after) != len(before) || !after[0].Damaged || after[0].Action != before[0].Action || after[0].Subject != "a1" {
				v.Errorf("%s: %+v", change, after)
			}
			for _, e := range after[1:] {
				if e.Damaged {
					v.Errorf("%s: also %+v", change, e)
				}
			}
		}
	})
}
