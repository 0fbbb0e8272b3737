package route

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tidings-im/tidings/internal/policy"
)

// Table is where a resource registers its routes.
type Table struct {
	api *API
	tag string // under which the description lists them
}

// Get begins a route that reads: the operation's id, its path below /api/v1, and
// what the description says of it.
func Get(id, path, summary, text string) huma.Operation {
	return route(http.MethodGet, id, path, summary, text)
}

// Post begins a route that does something.
func Post(id, path, summary, text string) huma.Operation {
	return route(http.MethodPost, id, path, summary, text)
}

// Put begins a route that replaces something.
func Put(id, path, summary, text string) huma.Operation {
	return route(http.MethodPut, id, path, summary, text)
}

// Delete begins a route that ends or deletes something.
func Delete(id, path, summary, text string) huma.Operation {
	return route(http.MethodDelete, id, path, summary, text)
}

func route(method, id, path, summary, text string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: prefix + path, Summary: summary, Description: text, DefaultStatus: http.StatusOK}
}

// Created has a route answer with 201 instead of 200.
func Created(op huma.Operation) huma.Operation { op.DefaultStatus = http.StatusCreated; return op }

// Large lets a route's body have as many ids as an organization has people: the limit
// is 1 MiB instead of 64 KiB.
func Large(op huma.Operation) huma.Operation {
	op.MaxBodyBytes, op.BodyReadTimeout = largeBody, largeTime
	return op
}

// Empty has a route answer with 204 and no body.
func Empty(op huma.Operation) huma.Operation { op.DefaultStatus = http.StatusNoContent; return op }

// JSON registers a route of JSON in and out, with the right that it takes.
func JSON[I, O any](r Table, op huma.Operation, right policy.Right, handle func(ctx context.Context, v *Visit, in *I) (*O, error)) {
	r.document(&op, right)
	op.MaxBodyBytes = max(op.MaxBodyBytes, maxBody) + 1 // huma refuses a body of exactly its limit
	huma.Register(r.api.huma, op, func(ctx context.Context, in *I) (*O, error) {
		v, err := r.api.enter(ctx)
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

// File registers a route whose request is read as that of JSON is, and whose answer
// is a file: handle decides, and returns what writes it.
func File[I any](
	r Table, op huma.Operation, right policy.Right, handle func(ctx context.Context, v *Visit, in *I) (func(http.ResponseWriter, *http.Request), error),
) {
	r.document(&op, right)
	r.api.raws[op.Method+" "+op.Path] = true
	huma.Register(r.api.huma, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		v, err := r.api.enter(ctx)
		if err != nil {
			return nil, &failure{err}
		}
		write, err := handle(ctx, v, in)
		if err != nil {
			return nil, &failure{err}
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			request, w := humago.Unwrap(c)
			write(w, request)
		}}, nil
	})
}

// Raw registers a route that writes its answer itself, with the right that it
// takes. Its parameters and answers are described by hand.
func Raw(r Table, op huma.Operation, right policy.Right, handle func(http.ResponseWriter, *http.Request, *Visit) error) {
	r.document(&op, right)
	r.api.huma.OpenAPI().AddOperation(&op)
	r.api.raws[op.Method+" "+op.Path] = true
	guarded{r.api, right}.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, request *http.Request) {
		v, err := r.api.enter(request.Context())
		if err == nil {
			err = handle(w, request, v)
		}
		if err != nil {
			r.api.refuse(w, request, err)
		}
	})
}

// enter asks the table of rights before a handler runs. What takes no role is
// decided here. Of everything else the handler asks, with the right of the route,
// once it knows what the request is about. A request of nobody, and one that outer
// has not seen, are mistakes of ours and no answer.
func (a *API) enter(ctx context.Context) (*Visit, error) {
	v, ok := ctx.Value(visitKey{}).(*Visit)
	if !ok {
		return nil, errors.New("rest: a route without a visit")
	}
	v.Asker = policy.Asker{By: v.by()}
	if v.Asker.By.IsNobody() && v.Right != policy.Open {
		return nil, errors.New("rest: a route without a viewer")
	}
	var err error
	if v.Right.NeedsRole() {
		v.Asker, err = a.Accounts.Asker(ctx, v.Asker.By)
	} else {
		_, err = policy.Check(v.Asker, v.Right, policy.Own(v.Asker.By), errNotOwn)
	}
	return v, err
}

// errNotOwn is what comes out when somebody has no right to what is their own.
var errNotOwn = errors.New("rest: the table grants nothing on this route")

// rightKey is where an operation keeps its right: for the adapter, and for whoever
// reads the description.
const rightKey = "x-right"

// document adds what all operations have in common, and who has the right.
func (r Table) document(op *huma.Operation, right policy.Right) {
	op.Tags = []string{r.tag}
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
	schema := r.api.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	refused := func(text string) *huma.Response {
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
	}
	op.Responses["401"] = refused("No token, session or link, or one that is not or no longer good.")
	op.Responses["default"] = refused("A refusal; its code says which.")
}

// guarded is a mux in which every route has a right. But for those that are Open it
// asks who is there before it reads anything.
type guarded struct {
	*API
	right policy.Right
}

func (g guarded) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if g.right != policy.Open {
		handler = g.authenticated(handler)
	}
	g.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		visitOf(r.Context()).Right = g.right
		handler(w, r)
	})
}

// ServeHTTP is there because huma asks for it; requests go to the mux.
func (g guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// AnswerWith describes the answer of a route that writes it itself.
func AnswerWith(status int, text, contentType string, schema *huma.Schema) map[string]*huma.Response {
	return map[string]*huma.Response{strconv.Itoa(status): {
		Description: text, Content: map[string]*huma.MediaType{contentType: {Schema: schema}},
	}}
}
