package server_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

// decided is what is answered to a good token, to that of another app of the
// organization, and to that of another organization.
type decided struct{ ours, anotherApp, elsewhere string }

// anything is decided by no table: but in every carrier alike, and nothing of ours
// is told elsewhere.
const anything = ""

// noScope refuses what nobody has granted the app; noScopePlain where nothing is wrapped.
const (
	noScope      = "88/60011"
	noScopePlain = "60011"
)

// decisions has what is known of routes; of the others every cell is anything.
var decisions = map[string]decided{
	"/topapi/message/corpconversation/asyncsend_v2":      {"0", "40056", "40056"},
	"/topapi/message/corpconversation/asyncsend":         {"0", "40056", "40056"},
	"/topapi/message/corpconversation/sendbytemplate":    {"400002", "400002", "400002"},
	"/topapi/message/corpconversation/getsendprogress":   {"0", "40035", "40035"},
	"/topapi/message/corpconversation/getsendresult":     {"0", "40035", "40035"},
	"/topapi/message/corpconversation/recall":            {"0", "400002", "400002"},
	"/topapi/message/corpconversation/status_bar/update": {"0", "40056", "40056"},
	"/topapi/message/corpconversation/asyncsendbycode":   {"40078", "40078", "40078"},
	"/message/send":                 {"0", "40056", "40056"},
	"/message/sendByCode":           {"40078", "40078", "40078"},
	"/message/list_message_status":  {"0", "81003", "81003"},
	"/media/upload":                 {"0", "0", "0"},
	"/media/downloadFile":           {"file", "file", "40007"},
	"/media/get":                    {"file", "file", "40007"},
	"/router/rest":                  {"0", "40035", "40035"},
	"/topapi/v2/user/get":           {"0", "0", anything},
	"/topapi/v2/department/get":     {"0", "0", anything},
	"/user/get":                     {"0", "0", anything},
	"/department/get":               {"0", "0", anything},
	"/topapi/v2/user/create":        {noScope, noScope, noScope},
	"/topapi/v2/user/update":        {noScope, noScope, noScope},
	"/topapi/v2/user/delete":        {noScope, noScope, noScope},
	"/topapi/v2/department/create":  {noScope, noScope, noScope},
	"/topapi/v2/department/update":  {noScope, noScope, noScope},
	"/topapi/v2/department/delete":  {noScope, noScope, noScope},
	"/user/create":                  {noScopePlain, noScopePlain, noScopePlain},
	"/user/update":                  {noScopePlain, noScopePlain, noScopePlain},
	"/user/delete":                  {noScopePlain, noScopePlain, noScopePlain},
	"/user/batchdelete":             {noScopePlain, noScopePlain, noScopePlain},
	"/department/create":            {noScopePlain, noScopePlain, noScopePlain},
	"/department/update":            {noScopePlain, noScopePlain, noScopePlain},
	"/department/delete":            {noScopePlain, noScopePlain, noScopePlain},
	"/topapi/v2/user/getuserinfo":   {"40078", "40078", "40078"},
	"/user/getuserinfo":             {"40078", "40078", "40078"},
	"/sns/getuserinfo_bycode":       {"853002", "853002", "853002"},
	"/get_jsapi_ticket":             {"0", "0", "0"},
	"/call_back/get_call_back":      {"71007", "71007", "71007"},
	"/gettoken":                     {"0", "0", "0"},
	"/v1.0/oauth2/accessToken":      {"0", "0", "0"},
	"/v1.0/oauth2/{corpId}/token":   {"0", "0", "0"},
	"/v1.0/oauth2/corpAccessToken":  {"0", "0", "0"},
	"/v1.0/oauth2/suiteAccessToken": {"0", "0", "0"},
	"/service/get_suite_token":      {"0", "0", "0"},
	"/service/get_corp_token":       {"0", "0", "0"},
	"/service/get_auth_info":        {"0", "0", "0"},
	"/service/get_agent":            {"0", "0", "0"},
	"/service/get_permanent_code":   {"40078", "40078", "40078"},
	"/service/activate_suite":       {"40084", "40084", "40084"},
}

// want is the cell of a route and a token, whatever the carrier is.
func want(rt dingtalk.Route, token string) string {
	of := decisions[rt.Path]
	known := rt.Token || rt.Gateway
	refusal := map[string]string{"none": "40000", "wrong": "40014", "expired": "40014", "revoked": "40014"}[token]
	switch {
	case token == "another app":
		return of.anotherApp
	case token == "another organization":
		return of.elsewhere
	case token == "good" || !known:
		return of.ours
	case rt.Modern:
		return anything // its token is in a header
	case rt.Wraps:
		return "88/" + refusal
	}
	return refusal
}

// Every route, in every carrier, with every kind of token: each cell is decided by a
// table, whatever carries it, and what is refused leaves no row.
func TestEveryCallInEveryCarrier(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		w := mustWireStage(t, engine)
		cells := 0
		refused := []string{"none", "wrong", "expired", "revoked"}
		before := w.rows(t)
		for _, token := range append(refused, "another app", "another organization", "good") {
			if token == "another app" {
				if after := w.rows(t); !maps.Equal(before, after) {
					t.Errorf("the calls that were refused have left rows: %v, before %v", after, before)
				}
			}
			for _, rt := range dingtalk.Routes() {
				if slices.Contains(refused, token) && !rt.Token && !rt.Gateway {
					continue // it looks at no token, and may make one
				}
				cells += w.cellsOf(t, rt, token)
			}
		}
		t.Logf("%d cells", cells)
	})
}

// cellsOf makes a call in every carrier.
func (w *wireStage) cellsOf(t *testing.T, rt dingtalk.Route, token string) (cells int) {
	t.Helper()
	first := want(rt, token)
	carriers := w.carriers(rt, w.tokens[token])
	for _, carrier := range slices.Sorted(maps.Keys(carriers)) {
		got, text := w.said(t, rt, carriers[carrier])
		cells++
		if first == anything {
			first = got
		}
		if got != first {
			t.Errorf("%s, %s, %s token: %s, want %s: %.300s", rt.Path, carrier, token, got, first, text)
		}
		if token != "another organization" || !rt.Token && !rt.Gateway {
			continue
		}
		for _, ours := range []string{"Secret", "13900000001", "#!AMR"} {
			if strings.Contains(text, ours) {
				t.Errorf("%s, %s: another organization hears %.300s", rt.Path, carrier, text)
			}
		}
	}
	return cells
}
