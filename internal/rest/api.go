package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
)

const (
	maxBody       = 64 << 10
	bearerScheme  = "bearer"
	sessionScheme = "session"
	openAPIPath   = prefix + "/openapi.json"
)

// api is the routes and their description, which are one table.
type api struct {
	Deps
	mux   *http.ServeMux
	huma  huma.API
	watch *watch
	spec  func() ([]byte, error)

	admission *admission
}

// guarded is a mux whose every route asks who is there first, but those by
// which people sign in.
type guarded struct {
	*http.ServeMux
	guard func(http.HandlerFunc) http.HandlerFunc
}

// open are the routes that need no credential.
var open = []string{http.MethodPost + " " + sessionsPath, http.MethodPost + " " + linkPath, http.MethodGet + " " + helpPath}

func (g guarded) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if !slices.Contains(open, pattern) {
		handler = g.guard(handler)
	}
	g.ServeMux.HandleFunc(pattern, handler)
}

func newAPI(d Deps) *api {
	a := &api{Deps: d, mux: http.NewServeMux(), watch: newWatch(d.Accounts), admission: newAdmission(d.Log)}
	a.huma = huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Tidings", Version: "1",
				Description: "The inbox of a person in an organization, and the templates of its apps. Ids and revisions are strings, times RFC 3339.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerScheme:  {Type: "http", Scheme: "bearer", Description: "A personal API token."},
					sessionScheme: {Type: "apiKey", In: "cookie", Name: d.Cookies.Name(1), Description: sessionText},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat(), "json": jsonFormat()},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.rewrite},
	}, adapter{humago.NewAdapter(guarded{a.mux, a.authenticated}, "")})
	a.routes()
	describe(a.huma.OpenAPI())
	a.spec = sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) })
	a.mux.HandleFunc(http.MethodGet+" "+openAPIPath, a.openAPI)
	return a
}

// openAPI is the one route without a token: it says nothing about anybody.
func (a *api) openAPI(w http.ResponseWriter, r *http.Request) {
	spec, err := a.spec()
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(spec) // a client that left needs no answer
}

// operation registers a route of JSON in and out.
func operation[I, O any](a *api, op huma.Operation, handle func(ctx context.Context, v inbox.Viewer, in *I) (*O, error)) {
	a.guardedBy(&op)
	register(a, op, func(ctx context.Context, in *I) (*O, error) {
		v, err := viewer(ctx)
		if err != nil {
			return nil, err
		}
		return handle(ctx, v, in)
	})
}

func register[I, O any](a *api, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	a.document(&op)
	op.MaxBodyBytes = maxBody + 1 // huma refuses a body of exactly its limit
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, &failure{err}
		}
		return out, nil
	})
}

// raw registers a route that writes its answer itself. Its parameters and
// answers are described by hand.
func (a *api) raw(op huma.Operation, handle func(http.ResponseWriter, *http.Request, inbox.Viewer) error) {
	a.guardedBy(&op)
	a.document(&op)
	a.huma.OpenAPI().AddOperation(&op)
	guarded{a.mux, a.authenticated}.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		v, err := viewer(r.Context())
		if err == nil {
			err = handle(w, r, v)
		}
		if err != nil {
			a.refuse(w, r, err)
		}
	})
}

// guardedBy describes how people show who they are.
func (a *api) guardedBy(op *huma.Operation) {
	op.Security = []map[string][]string{{bearerScheme: {}}, {sessionScheme: {}}}
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "org", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: orgText,
	})
}

// document adds what all operations have in common.
func (a *api) document(op *huma.Operation) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	refused := func(text string) *huma.Response {
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
	}
	op.Responses["401"] = refused("No token, session or link, or one that is not or no longer good.")
	op.Responses["default"] = refused("A refusal; its code says which.")
}

// viewer returns who asks. A route that is reached without asking who is there is a
// mistake of ours, and answers nobody.
func viewer(ctx context.Context) (inbox.Viewer, error) {
	v := visitOf(ctx).viewer
	if v.Organization == 0 {
		return inbox.Viewer{}, errors.New("rest: a route without a viewer")
	}
	return inbox.Viewer{Organization: v.Organization, Ordinal: v.Ordinal}, nil
}

// failure carries a handler's error through huma to rewrite.
type failure struct{ err error }

func (f *failure) Error() string           { return f.err.Error() }
func (f *failure) GetStatus() int          { return Status(fault.From(f.err)) }
func (*failure) ContentType(string) string { return problemType }

// adapter gives huma a context that takes the status from the problem.
type adapter struct{ huma.Adapter }

func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	a.Adapter.Handle(op, func(ctx huma.Context) { handler(&answer{humaContext: ctx}) })
}

// humaContext is embedded under this name because Context is also a method.
type humaContext huma.Context

// answer is one request on its way through huma.
type answer struct {
	humaContext
	refused *Problem
}

// SetStatus writes the status; huma's own choice counts for what is no refusal.
func (c *answer) SetStatus(status int) {
	if c.refused != nil {
		status = c.refused.Status
	}
	c.humaContext.SetStatus(status)
}

// Unwrap lets humago find its own context.
func (c *answer) Unwrap() huma.Context { return c.humaContext }

// rewrite turns every refusal, ours and huma's, into a problem. It runs before
// the status is written.
func (a *api) rewrite(ctx huma.Context, _ string, body any) (any, error) {
	r, _ := humago.Unwrap(ctx)
	var err error
	switch b := body.(type) {
	case *failure:
		err = b.err
	case *huma.ErrorModel:
		err = invalid(b, r.ContentLength)
	default:
		return body, nil
	}
	p := a.problem(r, err)
	if c, ok := ctx.(*answer); ok {
		c.refused = p
	}
	for name, values := range p.GetHeaders() {
		for _, value := range values {
			ctx.SetHeader(name, value)
		}
	}
	return p, nil
}
