package route

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/template"
)

const problemType = "application/problem+json"

// Problem is a refusal as its client gets it (RFC 9457).
type Problem struct {
	Title  string     `json:"title" doc:"What the status means."`
	Status int        `json:"status" doc:"The HTTP status."`
	Detail string     `json:"detail" doc:"What is wrong with this request, in one line."`
	Code   fault.Code `json:"code" doc:"The stable name of the refusal."`
	Field  string     `json:"field,omitempty" doc:"The parameter it is about."`
	Limit  int64      `json:"limit,omitempty" doc:"The limit that was broken."`
	Actual int64      `json:"actual,omitempty" doc:"What was given instead."`
	// Findings are all errors of a template's form; Field and Detail are the first.
	Findings  []template.Finding `json:"findings,omitempty" doc:"Of a template's form: all its errors, of which detail tells the first."`
	RequestID string             `json:"request_id" doc:"Names this request in the server's log."`

	retryAfter time.Duration
}

func problemOf(f *fault.Fault, requestID string) *Problem {
	status := Status(f)
	return &Problem{
		Title: http.StatusText(status), Status: status, Detail: f.Text, Code: f.Code, Field: f.Field,
		Limit: f.Limit, Actual: f.Actual, RequestID: requestID, retryAfter: f.RetryAfter,
	}
}

// Error makes a problem something a handler can return.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns what a problem is sent as.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders returns what the refusal says in headers.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	return h
}

// problem turns an error into what its client gets, and logs it: once, here.
func (a *API) problem(r *http.Request, err error) *Problem {
	f := fault.From(err)
	v := visitOf(r.Context())
	level := slog.LevelDebug
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		level = slog.LevelError
	}
	if r.Context().Err() != nil {
		level = slog.LevelDebug // the client left; what failed then says little
	}
	a.Log.Log(r.Context(), level, "rest: refused", "request_id", v.id, "route", r.Pattern,
		"organization", v.Viewer.Organization, "code", f.Code, "error", err)
	a.told(r, f)
	p := problemOf(f, v.id)
	var form *template.FormError
	if errors.As(err, &form) {
		p.Findings = form.Findings
	}
	return p
}

// told passes a failure on to whoever counts them.
func (a *API) told(r *http.Request, f *fault.Fault) {
	if a.Refused != nil {
		a.Refused(r, f)
	}
}

// refuse answers with a problem.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	a.write(w, r, a.problem(r, err))
}

func (a *API) write(w http.ResponseWriter, r *http.Request, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		a.Log.Error("rest: a problem cannot be written", "request_id", visitOf(r.Context()).id, "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(append(body, '\n')) // a client that left needs no answer
	}
}
