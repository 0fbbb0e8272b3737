package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
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

// guarded is a mux in which every route has a right. But for those that are Open it
// asks who is there before it reads anything.
type guarded struct {
	*api
	right policy.Right
}

func (g guarded) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if g.right != policy.Open {
		handler = g.authenticated(handler)
	}
	g.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		visitOf(r.Context()).right = g.right
		handler(w, r)
	})
}

// ServeHTTP is there because huma asks for it; requests go to the mux.
func (g guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

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
	}, adapter{Adapter: humago.NewAdapter(a.mux, ""), api: a})
	a.routes()
	describe(a.huma.OpenAPI())
	a.spec = sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) })
	guarded{a, policy.Open}.HandleFunc(http.MethodGet+" "+openAPIPath, a.openAPI)
	return a
}

// openAPI is the one route that the description leaves out.
func (a *api) openAPI(w http.ResponseWriter, r *http.Request) {
	spec, err := a.spec()
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(spec) // a client that left needs no answer
}

// operation registers a route of JSON in and out, with the right that it takes.
func operation[I, O any](a *api, op huma.Operation, right policy.Right, handle func(ctx context.Context, v *visit, in *I) (*O, error)) {
	a.document(&op, right)
	op.MaxBodyBytes = maxBody + 1 // huma refuses a body of exactly its limit
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		v, err := a.enter(ctx)
		if err != nil {
			return nil, &failure{err}
		}
		out, err := handle(ctx, v, in)
		if err != nil {
			return nil, &failure{err}
		}
		return out, nil
	})
}

// raw registers a route that writes its answer itself, with the right that it
// takes. Its parameters and answers are described by hand.
func (a *api) raw(op huma.Operation, right policy.Right, handle func(http.ResponseWriter, *http.Request, *visit) error) {
	a.document(&op, right)
	a.huma.OpenAPI().AddOperation(&op)
	guarded{a, right}.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		v, err := a.enter(r.Context())
		if err == nil {
			err = handle(w, r, v)
		}
		if err != nil {
			a.refuse(w, r, err)
		}
	})
}

// enter asks the table of rights before a handler runs. What takes no role is
// decided here. Of everything else the handler asks, with the right of the route,
// once it knows what the request is about. A request of nobody, and one that outer
// has not seen, are mistakes of ours and no answer.
func (a *api) enter(ctx context.Context) (*visit, error) {
	v, ok := ctx.Value(visitKey{}).(*visit)
	if !ok {
		return nil, errors.New("rest: a route without a visit")
	}
	v.asker = policy.Asker{By: v.by()}
	if v.asker.By.IsNobody() && v.right != policy.Open {
		return nil, errors.New("rest: a route without a viewer")
	}
	var err error
	if v.right.NeedsRole() {
		v.asker, err = a.Accounts.Asker(ctx, v.asker.By)
	} else {
		_, err = policy.Check(v.asker, v.right, policy.Own(v.asker.By), errNotOwn)
	}
	return v, err
}

// errNotOwn is what comes out when somebody has no right to what is their own.
var errNotOwn = errors.New("rest: the table grants nothing on this route")

// rightKey is where an operation keeps its right: for the adapter, and for whoever
// reads the description.
const rightKey = "x-right"

// document adds what all operations have in common, and who has the right.
func (a *api) document(op *huma.Operation, right policy.Right) {
	op.Extensions = map[string]any{rightKey: right}
	op.Description += " " + right.Sentence()
	if right == policy.Open {
		op.Security = []map[string][]string{{}}
	} else {
		op.Security = []map[string][]string{{bearerScheme: {}}, {sessionScheme: {}}}
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "org", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: orgText,
		})
	}
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

// failure carries a handler's error through huma to rewrite.
type failure struct{ err error }

func (f *failure) Error() string           { return f.err.Error() }
func (f *failure) GetStatus() int          { return Status(fault.From(f.err)) }
func (*failure) ContentType(string) string { return problemType }

// adapter puts the right of an operation in front of it, and gives huma a context
// that takes the status from the problem.
type adapter struct {
	huma.Adapter
	api *api
}

func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	right, _ := op.Extensions[rightKey].(policy.Right)
	humago.NewAdapter(guarded{a.api, right}, "").Handle(op, func(ctx huma.Context) { handler(&answer{humaContext: ctx}) })
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
		err = invalid(b, ctx.Operation(), a.huma.OpenAPI().Components.Schemas, r.ContentLength)
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
