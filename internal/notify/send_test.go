package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// model is the rules written down a second time, over people instead of sets.
type model struct {
	had    map[string]map[string]bool // day/content → userid
	count  map[string]int             // day/userid → messages
	minute map[int64]int
}

func (m *model) send(at time.Time, content string, named []string, l policy.Limits) (unread []string, held map[string]string) {
	local := at.In(time.FixedZone("CST", 8*3600))
	day, minute := local.Format("20060102/"), at.Unix()/60
	had := m.had[day+content]
	if had == nil {
		had = map[string]bool{}
		m.had[day+content] = had
	}
	held = map[string]string{}
	for _, u := range named { // in the order of ordinals
		switch {
		case had[u]:
			held[u] = policy.SameInternal
		case m.count[day+u] >= l.MessagesPerDay:
			held[u] = policy.DailyInternal
		case m.minute[minute] >= l.RecipientsPerMin:
			held[u] = policy.MinuteInternal
		default:
			had[u] = true
			m.count[day+u]++
			m.minute[minute]++
			unread = append(unread, u)
		}
	}
	return unread, held
}

const people = 12

// named lists who an audience means, in the order of ordinals: the even ones
// are in department D, the odd ones in D/E, which comes after it.
func named(a directory.Audience, sub int64) []string {
	var evens, odds []string
	for i := range people {
		u := fmt.Sprintf("u%d", i)
		in := a.Everyone || slices.Contains(a.Userids, u)
		for _, d := range a.DeptIDs {
			in = in || d != sub || i%2 == 1
		}
		switch {
		case in && i%2 == 0:
			evens = append(evens, u)
		case in:
			odds = append(odds, u)
		}
	}
	return append(evens, odds...)
}

func TestOutcomesFollowTheRules(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := mustFixture(t, db, wrap{})
		rapid.Check(t, func(rt *rapid.T) {
			c := f.mustOrganization(t, people, func(l *policy.Limits) { l.MessagesPerDay, l.RecipientsPerMin = 3, 15 })
			parent, sub := mustDepts(t, f, c.Organization)
			m := &model{had: map[string]map[string]bool{}, count: map[string]int{}, minute: map[int64]int{}}
			revision := int64(0)
			for range rapid.IntRange(1, 12).Draw(rt, "sends") {
				f.clock.forward(rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 9 * time.Hour}).Draw(rt, "wait"))
				a := anyAudience(rt, parent, sub)
				content := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(rt, "content")
				id, err := f.Send(context.Background(), request(c, content, a))
				must(t, err)
				unread, held := m.send(f.clock.now(), content, named(a, sub), c.Limits)
				want := outcome{Unread: slices.Sorted(slices.Values(unread)), Held: held}
				if slices.Contains(a.Userids, "ghost") {
					want.Invalid = []string{"ghost"}
				}
				if diff := cmp.Diff(want, f.mustOutcome(t, c, id), cmpopts.EquateEmpty()); diff != "" {
					rt.Fatalf("%s to %+v at %v: %s", content, a, f.clock.now(), diff)
				}
				revision++
				if got := f.hints.committed[c.Organization]; got != revision {
					rt.Fatalf("announced revision %d, want %d", got, revision)
				}
			}
		})
	})
}

func mustDepts(t *testing.T, f *fixture, organization int64) (parent, sub int64) {
	t.Helper()
	depts, err := f.directory.Departments(context.Background(), organization)
	must(t, err)
	for _, d := range depts {
		switch d.Name {
		case "D":
			parent = d.ID
		case "E":
			sub = d.ID
		}
	}
	return parent, sub
}

func anyAudience(t *rapid.T, parent, sub int64) directory.Audience {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return directory.Audience{Everyone: true}
	case 1:
		return directory.Audience{DeptIDs: []int64{rapid.SampledFrom([]int64{parent, sub}).Draw(t, "dept")}, Userids: []string{"u0", "u1"}}
	default:
		users := []string{"u3", "u3"}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, people-1), 0, 6).Draw(t, "users") {
			users = append(users, fmt.Sprintf("u%d", i))
		}
		if rapid.Bool().Draw(t, "ghost") {
			users = append(users, "ghost")
		}
		return directory.Audience{Userids: users}
	}
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	f := mustFixture(t, storetest.Open(t, "sqlite"), wrap{})
	c := f.mustOrganization(t, 10, func(l *policy.Limits) {
		l.UseridsPerCall, l.DeptsPerCall, l.RecipientsPerCall, l.MessageBytes = 9, 2, 8, 200
		l.StatusBarUsers, l.StrictOA = 1, true
	})
	parent, _ := mustDepts(t, f, c.Organization)
	noGrant, thirdParty := c, c
	noGrant.SendToEveryone = false
	thirdParty.ThirdParty = true
	oa := []byte(`{"msgtype":"oa","oa":{"message_url":"https://example.com","head":{"bgcolor":"FFBBBBBB","text":"x"},"status_bar":{"status_value":"new"},"body":{"title":"t"}}}`)
	for name, test := range map[string]struct {
		caller   app.Caller
		agent    int64
		audience directory.Audience
		message  []byte
		key      string
		code     fault.Code
	}{
		"another agent":       {agent: 1, audience: to("u1"), code: fault.CodeAgentUnknown},
		"third party":         {caller: thirdParty, audience: to("u1"), code: fault.CodeDirectSendOff},
		"nobody named":        {code: fault.CodeParameterMissing},
		"too many users":      {audience: to("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), code: fault.CodeUseridsTooMany},
		"too many depts":      {audience: directory.Audience{DeptIDs: []int64{2, 3, 4}}, code: fault.CodeDeptsTooMany},
		"too many recipients": {audience: directory.Audience{DeptIDs: []int64{parent}}, code: fault.CodeRecipientsTooMany},
		"everyone":            {caller: noGrant, audience: directory.Audience{Everyone: true}, code: fault.CodeEveryoneForbidden},
		"root department":     {caller: noGrant, audience: directory.Audience{DeptIDs: []int64{1}}, code: fault.CodeEveryoneForbidden},
		"long key":            {audience: to("u1"), key: strings.Repeat("k", 129), code: fault.CodeParameterInvalid},
		"large message":       {audience: to("u1"), message: text(strings.Repeat("x", 200)), code: fault.CodeMessageTooLarge},
		"unknown type":        {audience: to("u1"), message: []byte(`{"msgtype":"poem"}`), code: fault.CodeMessageTypeUnknown},
		"a copied sample":     {audience: to("u1"), message: []byte(`{"msgtype":"oa","oa":{"head":{"text":"head"},"body":{"content":"xxx"}}}`), code: fault.CodeMessageIncomplete},
		"unknown media":       {audience: to("u1"), message: []byte(`{"msgtype":"image","image":{"media_id":"@x"}}`), code: fault.CodeMediaUnknown},
		"status bar":          {audience: to("u1", "u2"), message: oa, code: fault.CodeStatusBarAudience},
	} {
		if test.caller.Organization == 0 {
			test.caller = c
		}
		r := request(test.caller, "hello", test.audience)
		r.IdempotencyKey = test.key
		if test.agent != 0 {
			r.AgentID = test.agent
		}
		if test.message != nil {
			r.Message = test.message
		}
		if _, err := f.Send(context.Background(), r); !fault.Is(err, test.code) {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if f.hints.committed[c.Organization] != 0 {
		t.Error("a refused send took a revision")
	}
}

func TestEveryoneHasADailyLimit(t *testing.T) {
	t.Parallel()
	f := mustFixture(t, storetest.Open(t, "sqlite"), wrap{})
	c := f.mustOrganization(t, 4, func(l *policy.Limits) { l.EveryonePerDay = 2 })
	for i := range 3 {
		_, err := f.Send(context.Background(), request(c, fmt.Sprint(i), directory.Audience{Everyone: true}))
		if refused := fault.Is(err, fault.CodeEveryoneDailyLimit); refused != (i == 2) {
			t.Errorf("send %d to everyone: %v", i+1, err)
		}
	}
	f.clock.forward(24 * time.Hour)
	_, err := f.Send(context.Background(), request(c, "next day", directory.Audience{Everyone: true}))
	must(t, err)
}
