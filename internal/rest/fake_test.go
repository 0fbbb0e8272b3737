package rest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// house is all that the API works with: two organizations with one person
// each, both with the same userid and ordinal.
type house struct {
	words    string // of every message
	mu       sync.Mutex
	sessions int // how often one was asked for
	revoked  map[string]bool
	asked    []string // what the rooms were asked
	fails    error    // what they answer instead
	panics   bool
	public   string // the public URL
	contact  string // of the only organization, if there is one
	empty    bool   // there is none

	dropped   bool // nobody knows any more who has read a task
	droppedAt time.Time

	icon, ownerless bool // what our file is, and whose
	log             bytes.Buffer
}

const (
	ours, theirs = "tdp_ours", "tdp_theirs"
	ourFile      = "@lours"
	ourTask      = 11
	ourSessionID = "aaaaaaaaaaaaaaaa"
	ourLink      = "tdl_ours"
)

// ourUpload is a picture that is uploaded.
const ourUpload = "--xyz\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage\r\n" +
	"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\npng\r\n--xyz--\r\n"

// The sessions of the same two people.
var (
	ourSession   = "tds_1_" + ourSessionID + "_" + strings.Repeat("b", 26)
	theirSession = "tds_2_" + strings.Repeat("c", 16) + "_" + strings.Repeat("d", 26)
)

func newHouse() *house { return &house{revoked: map[string]bool{}} }

func (h *house) handler() http.Handler { return h.with(auditLog{h}) }

// with is the handler with another audit log.
func (h *house) with(log rest.AuditLog) http.Handler {
	return rest.Handler(rest.Deps{
		PublicURL: h.public, Cookies: account.Cookies{Secure: strings.HasPrefix(h.public, "https")},
		Accounts: h, Inbox: h, Media: h, Organizations: h, Live: h, Consoles: consoleStreams{h},
		Templates: shelf{h}, Apps: h, People: h, Tasks: sent{h}, Sends: sent{h}, Nodes: h, AuditLog: log, Watch: rest.NewWatch(h),
		SignIns: signIns{h}, Callbacks: listeners{h}, Sources: waysIn{h}, SignIn: flow{h}, Setup: setupLinks{h}, Log: h.logger(),
		RedirectURI: func(id string) string { return "https://tidings.example.com/sign-in/" + id + "/callback" },
	})
}

func (h *house) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(h, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write takes the log.
func (h *house) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(p)
}

func (h *house) note(what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, what)
	if h.panics {
		panic("secret-of-a-panic")
	}
	return h.fails
}

func (h *house) revoke(token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.revoked[token] = true
}

func (h *house) Authenticate(_ context.Context, token string) (account.Viewer, error) {
	if token == "" {
		return account.Viewer{}, fault.New(fault.CodeTokenMissing, "a token is required")
	}
	return h.who(map[string]int64{ours: 1, theirs: 2}, token, account.Credential{ID: token})
}

func (h *house) Session(_ context.Context, value string) (account.Viewer, error) {
	h.mu.Lock()
	h.sessions++
	h.mu.Unlock()
	credential := account.Credential{Session: true, ID: strings.Split(value, "_")[2]}
	return h.who(map[string]int64{ourSession: 1, theirSession: 2}, value, credential)
}

func (h *house) who(known map[string]int64, value string, c account.Credential) (account.Viewer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	organization := known[value]
	if organization == 0 || h.revoked[value] {
		return account.Viewer{}, fault.New(fault.CodeTokenInvalid, "the token is not valid")
	}
	return account.Viewer{Organization: organization, Ordinal: 5, Userid: "ann", Name: "Ann " + secret(organization), Credential: c}, nil
}

// Asker gives everybody the roles of authors, reviewers, auditors and administrators.
func (h *house) Asker(_ context.Context, by audit.By) (policy.Asker, error) {
	return policy.Asker{By: by, Roles: policy.RoleSet(policy.Author, policy.Reviewer, policy.Auditor, policy.Administrator, policy.Owner)}, h.note("roles")
}

// Ended goes by what was revoked.
func (h *house) Ended(_ context.Context, viewers []account.Viewer) (ended []account.Viewer, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range viewers {
		for value := range h.revoked {
			if v.Credential.Session && strings.Contains(value, "_"+v.Credential.ID+"_") || v.Credential.ID == value {
				ended = append(ended, v)
			}
		}
	}
	return ended, nil
}

func (h *house) SignIn(_ context.Context, r account.SignInRequest) (account.SignedIn, error) {
	if err := h.note(fmt.Sprint("sign in ", r.Device, " ", r.Held, " ", r.Replace)); err != nil {
		return account.SignedIn{}, err
	}
	if r.Link != ourLink {
		return account.SignedIn{}, fault.New(fault.CodeTokenInvalid, "the token is not valid")
	}
	if len(r.Held.Of(1)) > 0 && !r.Replace {
		return account.SignedIn{}, fault.New(fault.CodeSignedInAsOther, "somebody else is signed in")
	}
	return account.SignedIn{Value: ourSession, Viewer: account.Viewer{Organization: 1, Ordinal: 5, Userid: "ann", Name: "Ann"}}, nil
}

func (h *house) Offer(_ context.Context, link string, held account.HeldList) (account.Offer, error) {
	if err := h.note("offer"); err != nil || link != ourLink {
		return account.Offer{}, cmp.Or(err, error(fault.New(fault.CodeTokenInvalid, "the token is not valid")))
	}
	o := account.Offer{Link: account.Viewer{Organization: 1, Ordinal: 5, Userid: "ann", Name: "Ann"}}
	if len(held.Of(1)) > 0 {
		o.Current = account.Viewer{Organization: 1, Ordinal: 6, Userid: "bob", Name: "Bob"}
	}
	return o, nil
}

func (h *house) Tokens(_ context.Context, organization int64, userid string) ([]account.Token, error) {
	at := time.Unix(1_700_000_000, 0).UTC()
	return []account.Token{
		{ID: ours, Name: secret(organization), CreatedAt: at, ExpiresAt: at.Add(time.Hour)},
		{ID: "old", Name: "old", CreatedAt: at, ExpiresAt: at.Add(time.Hour), RevokedAt: at.Add(time.Minute)},
	}, h.note("tokens " + userid)
}

func (h *house) RevokeToken(_ context.Context, _ audit.By, organization int64, userid, id string) error {
	if err := h.note("revoke " + strconv.FormatInt(organization, 10) + " " + userid + " " + id); err != nil {
		return err
	}
	if organization != 1 || id != ours && id != "old" {
		return fault.New(fault.CodeNotFound, "there is no such token")
	}
	return nil
}

func (h *house) Sessions(_ context.Context, organization int64, _ uint32) ([]account.Session, error) {
	at := time.Unix(1_700_000_000, 0).UTC()
	return []account.Session{
		{ID: ourSessionID, Device: secret(organization), CreatedAt: at, SeenAt: at.Add(time.Hour)}, {ID: "other", CreatedAt: at, SeenAt: at},
	}, h.note("sessions")
}

func (h *house) EndSession(_ context.Context, _ audit.By, organization int64, ordinal uint32, id string) error {
	if err := h.note("end " + strconv.FormatInt(organization, 10) + " " + id); err != nil {
		return err
	}
	if organization != 1 || id != ourSessionID && id != "other" {
		return fault.New(fault.CodeNotFound, "there is no such session")
	}
	return nil
}

// secret is what only one organization's people may see.
func secret(organization int64) string { return "secret_of_" + strconv.FormatInt(organization, 10) }

func (h *house) Page(_ context.Context, v inbox.Viewer, q inbox.Query) (inbox.Page, error) {
	err := h.note("page " + strconv.Itoa(q.Limit) + " " + q.Before + " " + strconv.FormatInt(q.AgentID, 10) + " " + strconv.FormatBool(q.Unread))
	if err != nil {
		return inbox.Page{}, err
	}
	return inbox.Page{Revision: "7", Items: []inbox.Item{{
		MessageID: inbox.MessageID(1, v.Ordinal), TaskID: "1", Title: secret(v.Organization) + h.words, SentAt: time.Unix(0, 0).UTC(),
	}}}, nil
}

func (h *house) MarkRead(_ context.Context, v inbox.Viewer, ids []string) error {
	return h.note("read " + strconv.FormatInt(v.Organization, 10) + " " + strings.Join(ids, ","))
}

func (h *house) MarkAllRead(_ context.Context, v inbox.Viewer, agent, through int64) error {
	return h.note(fmt.Sprintf("read all %d %d of %d", v.Organization, through, agent))
}

func (h *house) Unread(_ context.Context, v inbox.Viewer) (inbox.Unread, error) {
	return inbox.Unread{Count: 1, ByApp: map[string]int{secret(v.Organization): 1}}, h.note("unread")
}

func (h *house) Apps(_ context.Context, v inbox.Viewer) (inbox.Apps, error) {
	return inbox.Apps{Items: []inbox.AppItem{{AgentID: "1", Name: secret(v.Organization)}}}, h.note("apps")
}

type content struct{ *strings.Reader }

func (content) Close() error { return nil }

func (h *house) File(_ context.Context, organization int64, id string) (media.File, error) {
	if err := h.note("file"); err != nil {
		return media.File{}, err
	}
	if organization != 1 || id != ourFile {
		return media.File{}, media.NotFound()
	}
	return media.File{
		ID: id, Organization: 1, AppID: 1, Kind: media.KindFile, Name: "a.pdf", ContentType: "application/pdf", Digest: "d",
	}, nil
}

func (h *house) Open(_ context.Context, f media.File) (io.ReadSeekCloser, error) {
	return content{strings.NewReader(secret(f.Organization))}, h.note("open")
}

func (h *house) Begin(int64) (func(), error) { return func() {}, h.note("begin") }

func (h *house) Upload(_ context.Context, u media.Upload) (media.File, error) {
	_, err := io.Copy(io.Discard, u.Content)
	return media.File{ID: "@lnew", Kind: u.Kind, Name: secret(u.Organization), Size: 3}, errors.Join(err, h.note("upload"))
}

func (h *house) URL(corpID string, _ int64, id string) string { return corpID + "/" + id }

// Shows knows one task that shows a file.
func (h *house) Shows(_ context.Context, v inbox.Viewer, task int64, id string) (bool, error) {
	return v.Organization == 1 && task == ourTask && id == ourFile, h.note("shows")
}

func (h *house) IconOwner(context.Context, int64, string) (int64, bool, error) { return 0, false, nil }

// FileOwner says that our file is an icon while it is one.
func (h *house) FileOwner(_ context.Context, organization, appID int64, _ string) (app.App, bool, error) {
	if h.ownerless {
		return app.App{}, h.icon, h.note("owner")
	}
	return app.App{Organization: organization, ID: appID, Kind: app.Internal}, h.icon, h.note("owner")
}

func (h *house) Organization(_ context.Context, id int64) (directory.Organization, error) {
	return directory.Organization{
		ID: id, CorpID: "corp" + strconv.FormatInt(id, 10), Name: secret(id), TimeZone: directory.DefaultTimeZone,
	}, h.note("organization")
}

func (h *house) Empty() bool { return h.empty }

func (h *house) Only() (directory.Organization, bool) {
	return directory.Organization{Contact: h.contact}, h.contact != ""
}

func (h *house) ByCorpID(ctx context.Context, corpID string) (directory.Organization, error) {
	for id := range int64(3) {
		if corpID == "corp"+strconv.FormatInt(id+1, 10) {
			return h.Organization(ctx, id+1)
		}
	}
	return directory.Organization{}, fault.New(fault.CodeOrganizationUnknown, "there is no such organization")
}

// Serve writes one event and stays until its context ends.
func (h *house) Serve(w http.ResponseWriter, r *http.Request, v inbox.Viewer, after *int64, until context.Context, ended func()) error {
	defer ended()
	from := "now"
	if after != nil {
		from = strconv.FormatInt(*after, 10)
	}
	if err := h.note("stream " + from); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, "event: unread\ndata: "+secret(v.Organization)+"\n\n")
	select {
	case <-r.Context().Done():
	case <-until.Done():
	}
	return nil
}

var errHidden = errors.New("text-that-never-leaves")

// ask sends one request; a stream is given up after its first event.
func ask(t testing.TB, handler http.Handler, method, target, token, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(ctx, method, target, reader)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "a key")
		if body == ourUpload {
			r.Header.Set("Content-Type", "multipart/form-data; boundary=xyz")
		}
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if strings.Contains(target, "/events") {
		cancel() // it writes its first event and ends
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// problem reads a refusal and checks its form.
func problem(t testing.TB, w *httptest.ResponseRecorder) route.Problem {
	t.Helper()
	var p route.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("not a problem: %v: %q", err, w.Body)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("a problem is sent as %q", ct)
	}
	if p.Status != w.Code || p.Code == "" || p.Detail == "" || p.Title != http.StatusText(w.Code) ||
		p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-Id") {
		t.Errorf("problem %+v with status %d", p, w.Code)
	}
	return p
}
