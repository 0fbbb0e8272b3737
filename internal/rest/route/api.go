package route

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

const (
	maxBody       = 64 << 10
	largeBody     = 1 << 20 // of a route that is Large
	largeTime     = 20 * time.Second
	bearerScheme  = "bearer"
	sessionScheme = "session"
	openAPIPath   = prefix + "/openapi.json"
)

const (
	sessionText = "A session, which signIn puts into a cookie that scripts cannot read: one for each organization, named tidings- and a number, " +
		"with __Host- before it where the server is reached by https. An Authorization header makes cookies count for nothing."
	orgText = "The corp id of the organization meant. Needed only by a browser that is signed in to several: without it the first of " +
		"listOrganizations counts. An organization that the caller is not signed in to is answered with 401."
)

// API is the routes and their description, which are one table.
type API struct {
	Config
	mux  *http.ServeMux
	huma huma.API
	raws map[string]bool // patterns of routes that write their answers themselves
	spec func() ([]byte, error)

	admission *admission
}

// New returns an API without any routes.
func New(c Config) *API {
	a := &API{Config: c, mux: http.NewServeMux(), raws: map[string]bool{}, admission: newAdmission(c.Log)}
	a.huma = huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Tidings", Version: "1",
				Description: "The inbox of a person in an organization, the templates of its apps, what it was sent, and its audit log. Ids and revisions are strings, times RFC 3339.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerScheme:  {Type: "http", Scheme: "bearer", Description: "A personal API token."},
					sessionScheme: {Type: "apiKey", In: "cookie", Name: c.Cookies.Name(1), Description: sessionText},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat(), "json": jsonFormat()},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.rewrite},
	}, adapter{Adapter: humago.NewAdapter(a.mux, ""), api: a})
	a.spec = sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) })
	guarded{a, policy.Open}.HandleFunc(http.MethodGet+" "+openAPIPath, a.openAPI)
	return a
}

// Table is where a resource registers its routes. The description lists them under
// the tag.
func (a *API) Table(tag string) Table { return Table{a, tag} }

// openAPI is the one route that the description leaves out.
func (a *API) openAPI(w http.ResponseWriter, r *http.Request) {
	spec, err := a.spec()
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(spec) // a client that left needs no answer
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
	api *API
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
func (a *API) rewrite(ctx huma.Context, _ string, body any) (any, error) {
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
