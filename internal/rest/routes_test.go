package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// spec is the part of the description that these tests walk.
type spec struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties           map[string]map[string]any `json:"properties"`
			AdditionalProperties any                       `json:"additionalProperties"`
		} `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Summary     string      `json:"summary"`
	Description string      `json:"description"`
	Parameters  []parameter `json:"parameters"`
	Responses   map[string]struct {
		Content map[string]struct {
			Schema map[string]any `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
	Security []map[string][]string `json:"security"`
	Right    policy.Right          `json:"x-right"`
}

type parameter struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func described(t *testing.T) spec {
	t.Helper()
	w := ask(t, newHouse().handler(), http.MethodGet, "/api/v1/openapi.json", "", "")
	var s spec
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %v", w.Code, err)
	}
	return s
}

// each calls f for every route there is.
func each(t *testing.T, f func(t *testing.T, method, target, body string)) {
	s := described(t)
	if len(s.Paths) < 6 {
		t.Fatalf("only %d paths described", len(s.Paths))
	}
	for path, methods := range s.Paths {
		for method := range methods {
			method := strings.ToUpper(method)
			body, said := bodies[method+" "+path]
			if (method == http.MethodPost || method == http.MethodPut) && !said {
				t.Fatalf("say in bodies what %s %s takes", method, path)
			}
			id := map[string]string{
				"/api/v1/media/{id}": ourFile, "/api/v1/sessions/{id}": ourSessionID, "/api/v1/tokens/{id}": ours, "/api/v1/consents/{id}": "1",
			}[path]
			if strings.HasPrefix(path, "/api/v1/apps/") {
				id = ourTemplate
			}
			if strings.Contains(path, "{id}") && id == "" {
				t.Fatalf("say here what %s is about", path)
			}
			target := strings.NewReplacer("{id}", id, "{agent_id}", ourAgent, "{number}", "2", "{secret_id}", "3", "{task_id}", strconv.Itoa(ourTask), "{name}", "Keycloak", "{ref}", "AAAA-AAAA", "{userid}", "ann").Replace(path)
			t.Run(method+path, func(t *testing.T) { f(t, method, target, body) })
		}
	}
}

// bodies are what routes take, by method and path.
var bodies = map[string]string{
	"POST /api/v1/audit/verify": "",

	describeAuthorization:         anAuthorization,
	describeSetup:                 `{"token":"` + ourSetupLink + `"}`,
	setUp:                         `{"token":"` + ourSetupLink + `","organization":"Ours","userid":"ann","name":"Ann"}`,
	"POST /api/v1/authorizations": anAuthorization,
	"POST /api/v1/page-codes":     `{"agent_id":"` + ourAgent + `","origin":"https://example.com"}`,

	"PUT /api/v1/apps/{agent_id}/redirect-uris":  `{"items":["https://example.com/callback"]}`,
	"PUT /api/v1/apps/{agent_id}/callback":       `{"url":"https://example.com/events","events":["user_add_org"]}`,
	"POST /api/v1/apps/{agent_id}/callback/test": "",

	"POST /api/v1/sign-in/sources":                `{"name":"Keycloak","kind":"oidc","settings":{}}`,
	"PUT /api/v1/sign-in/sources/{name}":          `{"edition":"1","name":"Keycloak","settings":{}}`,
	"POST /api/v1/sign-in/sources/{name}/test":    "",
	"POST /api/v1/sign-in/sources/{name}/try":     `{"return_to":"/console/"}`,
	"POST /api/v1/sign-in/sources/{name}/tried":   "",
	"POST /api/v1/sign-in/begin":                  `{"source":"1_aaaaaaaaaaaaaaaa","return_to":"/console/"}`,
	"POST /api/v1/sign-in/sources/{name}/enable":  "",
	"POST /api/v1/sign-in/sources/{name}/disable": "",
	"POST /api/v1/sign-in/waiting/{ref}/link":     `{"userid":"ann"}`,

	"POST /api/v1/inbox/read": `{"message_ids":["x"]}`, signIn: `{"link":"` + ourLink + `","replace":true}`, describeLink: `{"link":"` + ourLink + `"}`,

	"PUT /api/v1/apps/{agent_id}/limits":                                    `{"agent_edition":"1","own":{"messages_per_day":3}}`,
	"POST /api/v1/apps/{agent_id}/secrets":                                  "",
	"POST /api/v1/apps/{agent_id}/secrets/{secret_id}/end":                  "",
	"POST /api/v1/apps/install":                                             `{"suite_key":"suitenone","range":{"everyone":true}}`,
	"POST /api/v1/apps":                                                     `{"name":"News"}`,
	"PUT /api/v1/apps/{agent_id}":                                           `{"edition":"1","name":"News","description":"","icon":"","page_url":"","trusted_hosts":[]}`,
	"PUT /api/v1/apps/{agent_id}/range":                                     `{"agent_edition":"1","everyone":true}`,
	"PUT /api/v1/apps/{agent_id}/grants":                                    `{"agent_edition":"1","scopes":[],"send_to_everyone":false,"direct_send":true,"composers":{"userids":["ann"]}}`,
	"POST /api/v1/apps/{agent_id}/enable":                                   "",
	"POST /api/v1/apps/{agent_id}/disable":                                  "",
	"POST /api/v1/apps/{agent_id}/templates":                                ourForm,
	"POST /api/v1/apps/{agent_id}/templates/lint":                           ourForm,
	"POST /api/v1/apps/{agent_id}/templates/preview":                        `{"form":` + ourForm + `}`,
	"POST /api/v1/apps/{agent_id}/templates/check":                          `{"form":` + ourForm + `}`,
	"PUT /api/v1/apps/{agent_id}/templates/{id}":                            `{"form":` + ourForm + `}`,
	"POST /api/v1/apps/{agent_id}/templates/{id}/submit":                    "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/withdraw":                  "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/enable":                    "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/disable":                   "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/clone":                     "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/versions/{number}/approve": "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/versions/{number}/reject":  `{"reason":"r"}`,
	"POST /api/v1/apps/{agent_id}/templates/{id}/versions/{number}/test":    "",
	"POST /api/v1/apps/{agent_id}/templates/{id}/versions/{number}/preview": "",

	"POST /api/v1/sends/plan":            ourDraft,
	"POST /api/v1/sends/plan/recipients": ourDraft,
	"POST /api/v1/sends/test":            ourDraft,
	"POST /api/v1/apps/{agent_id}/media": ourUpload,
	"POST /api/v1/people/match":          `{"agent_id":"` + ourAgent + `","lines":["ann"]}`,
	"POST /api/v1/sends":                 strings.TrimSuffix(ourDraft, "}") + `,"audience_digest":"d","at_most":3}`,

	"POST /api/v1/tasks/{task_id}/recall":     "",
	"POST /api/v1/tasks/{task_id}/status-bar": `{"value":"Done"}`,
}

// The routes that need no credential.
const (
	signIn       = "POST /api/v1/sessions"
	describeLink = "POST /api/v1/sign-in-links/describe"
	signInHelp   = "GET /api/v1/sign-in-help"
	signInWays   = "GET /api/v1/sign-in"
	beginSignIn  = "POST /api/v1/sign-in/begin"

	describeSetup = "POST /api/v1/setup/describe"
	setUp         = "POST /api/v1/setup"
	ourSetupLink  = "tdi_ours"

	describeAuthorization = "POST /api/v1/authorizations/describe"
	anAuthorization       = `{"client_id":"key-1","redirect_uri":"https://example.com/callback","response_type":"code"}`
)

func isOpen(route string) bool {
	return slices.Contains([]string{signIn, describeLink, signInHelp, signInWays, beginSignIn, describeSetup, setUp, describeAuthorization}, route)
}

// eachGuarded calls f for every route that needs a credential.
func eachGuarded(t *testing.T, f func(t *testing.T, method, target, body string)) {
	each(t, func(t *testing.T, method, target, body string) {
		if !isOpen(method + " " + target) {
			f(t, method, target, body)
		}
	})
}

func TestEveryRouteNeedsAToken(t *testing.T) {
	t.Parallel()
	eachGuarded(t, func(t *testing.T, method, target, body string) {
		h := newHouse()
		handler := h.handler()
		h.revoke("tdp_revoked")
		for token, code := range map[string]fault.Code{
			"": fault.CodeTokenMissing, "tdp_guess": fault.CodeTokenInvalid, "tdp_revoked": fault.CodeTokenInvalid,
		} {
			w := ask(t, handler, method, target, token, body)
			if p := problem(t, w); w.Code != http.StatusUnauthorized || p.Code != code {
				t.Errorf("token %q: %d %s", token, w.Code, p.Code)
			}
			if w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Error("no WWW-Authenticate")
			}
		}
		if len(h.asked) > 0 {
			t.Errorf("rooms were asked before the token: %v", h.asked)
		}
		if strings.Contains(h.log.String(), "tdp_guess") {
			t.Error("a token is in the log")
		}
	})
}

// Nothing of a body is read before it is known who sends it.
func TestNobodyUnknownIsReadFrom(t *testing.T) {
	t.Parallel()
	eachGuarded(t, func(t *testing.T, method, target, body string) {
		if body == "" {
			return
		}
		read := strings.NewReader(body)
		r := httptest.NewRequest(method, target, read)
		r.Header.Set("Authorization", "Bearer tdp_guess")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		newHouse().handler().ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || read.Len() != len(body) {
			t.Errorf("%d after %d of %d bytes", w.Code, len(body)-read.Len(), len(body))
		}
	})
}

// credential is what a route is asked with: a token, or a cookie where it takes a session.
func credential(route, token, cookie string) (bearer string, header []string) {
	if route == "POST /api/v1/authorizations" || route == "POST /api/v1/page-codes" || strings.HasSuffix(route, "/try") || strings.HasSuffix(route, "/tried") {
		return "", []string{"Cookie", cookie}
	}
	return token, nil
}

func TestNothingOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	eachGuarded(t, func(t *testing.T, method, target, body string) {
		h := newHouse()
		handler := h.handler()
		us, as := credential(method+" "+target, ours, ourCookie)
		w := ask(t, handler, method, target, us, body, as...)
		if w.Code >= http.StatusBadRequest {
			t.Fatalf("our own: %d %s", w.Code, w.Body)
		}
		if method == http.MethodGet && !strings.Contains(w.Body.String(), secret(1)) {
			t.Fatalf("our own answer is not what this test looks for: %s", w.Body)
		}
		h.asked = nil
		them, as := credential(method+" "+target, theirs, theirCookie)
		w = ask(t, handler, method, target, them, body, as...)
		if strings.Contains(w.Body.String(), secret(1)) {
			t.Errorf("they see ours: %s", w.Body)
		}
		for _, what := range h.asked {
			if strings.HasPrefix(what, "read") && !strings.HasPrefix(what, "read 2") ||
				strings.HasPrefix(what, "end") && !strings.HasPrefix(what, "end 2") ||
				strings.Contains(target, "/apps/"+ourAgent+"/") && what != "app" && what != "roles" {
				t.Errorf("they changed ours: %s", what)
			}
		}
	})
}

// A file is for whom a message shows it, whose app's icon it is, and those who
// have to do with its app's templates.
func TestWhoMaySeeAFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query           string
		icon, ownerless bool
		want            int
	}{
		"in its task":                     {"?task=11", false, true, http.StatusOK},
		"in another task":                 {"?task=12", true, false, http.StatusNotFound},
		"in what is no task":              {"?task=x", true, false, http.StatusNotFound},
		"an icon":                         {"", true, true, http.StatusOK},
		"as an author of its app":         {"", false, false, http.StatusOK},
		"of an app that is there no more": {"", false, true, http.StatusNotFound},
	} {
		h := newHouse()
		h.icon, h.ownerless = c.icon, c.ownerless
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/media/"+ourFile+c.query, ours, "")
		if w.Code != c.want {
			t.Errorf("%s: %d", name, w.Code)
		}
		if opened := slices.Contains(h.asked, "open"); opened != (c.want == http.StatusOK) {
			t.Errorf("%s: opened %v", name, opened)
		}
		if w.Code == http.StatusNotFound && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
}

func TestFileOfAnotherOrganizationIsLikeNone(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	theirView := problem(t, ask(t, handler, http.MethodGet, "/api/v1/media/"+ourFile, theirs, ""))
	none := problem(t, ask(t, handler, http.MethodGet, "/api/v1/media/@lnone", theirs, ""))
	theirView.RequestID, none.RequestID = "", ""
	if !reflect.DeepEqual(theirView, none) || none.Status != http.StatusNotFound {
		t.Errorf("not theirs %+v, not there %+v", theirView, none)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	for _, target := range []string{
		"/api/v1", "/api/v1/", "/api/v1/none", "/api/v1/me/", "/api/v1//me", "/api/v1/x/../me", "/api/v1/%2e/me",
		"/api/v1/ME", "/api/v1/docs", "/api/v1/openapi.yaml", "/api/v1/openapi-3.0.json", "/api/v1/schemas/Item",
		"/api/v1/media/", "/api/v1/media/a/b",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, "BREW"} {
			w := ask(t, handler, method, target, ours, "")
			if p := problem(t, w); p.Code != fault.CodeRouteUnknown || w.Code != http.StatusNotFound || w.Header().Get("Location") != "" {
				t.Errorf("%s %s: %d %s", method, target, w.Code, p.Code)
			}
		}
	}
	for target, allow := range map[string]string{
		"/api/v1/me": "GET", "/api/v1/inbox/read": "POST", "/api/v1/inbox/events": "GET", "/api/v1/openapi.json": "GET",
		"/api/v1/sessions": "GET, POST", "/api/v1/sessions/x": "DELETE",
		"/api/v1/apps/1/templates/x/enable": "POST", "/api/v1/template-reviews": "GET",
	} {
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodOptions, "BREW"} {
			w := ask(t, handler, method, target, "", "")
			if p := problem(t, w); w.Code != http.StatusMethodNotAllowed || p.Code != fault.CodeMethodNotAllowed || w.Header().Get("Allow") != allow {
				t.Errorf("%s %s: %d %s, Allow %q", method, target, w.Code, p.Code, w.Header().Get("Allow"))
			}
		}
	}
	if w := ask(t, handler, http.MethodPatch, "/api/v1/apps/1/templates/x", ours, ""); w.Header().Get("Allow") != "GET, PUT, DELETE" {
		t.Errorf("Allow %q", w.Header().Get("Allow"))
	}
	if w := ask(t, handler, http.MethodHead, "/api/v1/inbox/events", ours, ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("HEAD of a stream: %d", w.Code)
	}
}

func TestDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	s := described(t)
	for path, methods := range s.Paths {
		for method, op := range methods {
			if op.Summary == "" || op.Description == "" {
				t.Errorf("%s %s is not described", method, path)
			}
			for _, p := range op.Parameters {
				if p.Description == "" {
					t.Errorf("%s %s: parameter %s is not described", method, path, p.Name)
				}
			}
			if !slices.Contains(policy.Rights(), op.Right) || !strings.HasSuffix(op.Description, op.Right.Sentence()) {
				t.Errorf("%s %s takes the right %q and does not say who has it", method, path, op.Right)
			}
			open := len(op.Security) == 1 && len(op.Security[0]) == 0
			if len(op.Security) == 0 || open != isOpen(strings.ToUpper(method)+" "+path) {
				t.Errorf("%s %s: security %v", method, path, op.Security)
			}
			if org := slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "org" }); org == open && path != "/api/v1/sign-in" {
				t.Errorf("%s %s: says org %v", method, path, org)
			}
			for _, status := range []string{"401", "default"} {
				schema := op.Responses[status].Content["application/problem+json"].Schema
				if schema["$ref"] != "#/components/schemas/Problem" {
					t.Errorf("%s %s: %s is %v", method, path, status, schema)
				}
			}
		}
	}
	var names []string
	for name, schema := range s.Components.Schemas {
		names = append(names, name)
		for field, property := range schema.Properties {
			if text, _ := property["description"].(string); text == "" {
				t.Errorf("%s.%s is not described", name, field)
			}
		}
		if closed := schema.AdditionalProperties == false; closed != strings.HasSuffix(name, "Request") {
			t.Errorf("%s: additionalProperties %v", name, schema.AdditionalProperties)
		}
	}
	slices.Sort(names)
	want := []string{
		"Action", "ActionRequest", "AddedSecret", "AllTemplates", "AmbiguousLine", "App", "AppCallback", "AppComposers", "AppGrants", "AppItem", "AppLimits", "AppMay", "AppRange", "AppView",
		"Apps", "AudienceRequest", "AuditActor", "AuditEntry", "AuditPage", "AuditReport", "Authorization", "AuthorizationRequest", "Authorized", "BeginSignInRequest", "Body", "Button", "CallbackFailure", "CallbackTest", "Card", "Change", "ChangeStatusBarRequest", "Check", "CloneRequest",
		"ComposeApp", "ComposersRequest", "Consent", "Consents", "CreateAppRequest", "CreatedApp", "Department", "DepartmentList", "DescribeAuthorizationRequest", "Difference", "DraftRequest", "DraftTemplateRequest", "EndedSecret", "EventCallback", "EventNames",
		"File", "Finding", "Form", "FormRequest", "Granter", "InstallAppRequest", "Installation", "InstallationList", "InstalledApp", "InstalledAppMay", "InstalledApps",
		"InstalledAppsMay", "InstalledIn", "Item", "Limits", "Link", "LinkHost", "LinkIdentityRequest", "LinkRequest", "Lint", "ListLine", "ListPlannedRequest", "ListedPerson", "ListedTemplate",
		"LogEntry", "MatchPeopleRequest", "MatchedLine", "MatchedPeople", "May", "Me", "Membership", "Memberships", "Organization", "Page", "PageCode", "PageCodeRequest", "Parameter", "ParameterHosts",
		"ParameterRequest", "PeopleList", "Person", "PlannedDepartment", "PreviewRequest", "Problem", "RangeRequest", "Reach", "ReadRequest", "Recipient", "RecipientDepartment",
		"RecipientList", "RedirectURIs", "RejectRequest", "RepeatedLine", "ReviewFacts", "Row", "RowRequest", "SaveAppLimitsRequest", "SaveAppRequest", "SaveCallbackRequest", "SaveGrantsRequest", "SaveRangeRequest",
		"SaveRedirectURIsRequest", "SaveRequest", "SaveSignInSourceRequest", "Secret", "SecretList", "SendMessageRequest", "SendPlan", "Sendable", "SendableTemplate", "Session", "Sessions", "SetUpRequest", "SetupLink", "SetupLinkRequest", "SignInBegun", "SignInClaim", "SignInHelp", "SignInOffer",
		"SignInRequest", "SignInSource", "SignInSourceList", "SignInSourceRequest", "SignInSourceSummary", "SignInSourceTest", "SignInTrial", "SignInWay", "SignInWays", "SignedIn", "SourceTestStep", "StatusBar", "SubmitRequest", "SuiteTicket", "Task", "TaskBy", "TaskCounts", "TaskDepartment", "TaskDetail", "TaskEvent", "TaskHeld", "TaskList", "TaskLog",
		"TaskMay", "TaskMessage", "TaskNamed", "TaskTemplate", "Template", "TemplateList", "TemplateLog", "TemplateReview", "TemplateReviews", "TestSent", "Token", "Tokens", "TrialPerson", "TrySignInSourceRequest",
		"Uninstalled", "Unread", "UploadedFile", "ValuesRequest", "Version", "VersionList", "Voice", "WaitingIdentity", "WaitingIdentityList", "WithoutRequest",
	}
	if !slices.Equal(names, want) {
		t.Errorf("schemas %v", names)
	}
}
