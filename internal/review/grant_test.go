package review_test

import (
	"reflect"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
)

// wants says which right each method that takes a grant is for.
var wants = map[string]policy.Right{
	"Templates": policy.TemplatesRead, "Template": policy.TemplatesRead, "Versions": policy.TemplatesRead, "Version": policy.TemplatesRead,
	"Difference": policy.TemplatesRead, "Facts": policy.TemplatesRead, "Of": policy.TemplatesRead, "All": policy.TemplatesList, "Log": policy.TemplatesRead, "Waiting": policy.ReviewsRead,
	"Create": policy.TemplatesWrite, "Clone": policy.TemplatesWrite, "Save": policy.TemplatesWrite, "Discard": policy.TemplatesWrite, "Submit": policy.TemplatesWrite,
	"Withdraw": policy.TemplatesWrite, "Enable": policy.TemplatesWrite, "Disable": policy.TemplatesWrite, "Delete": policy.TemplatesWrite,
	"Test": policy.TemplatesTest, "Approve": policy.TemplatesReview, "Reject": policy.TemplatesReview,
	"Sendable": policy.SendsWrite,
	"LastStep": policy.ConsoleFollow, "Moved": policy.TemplatesList, "CountWaiting": policy.ReviewsRead,
}

// Every method takes the grant of its own right. One of any other, and one that
// nobody has checked, is an internal error, and nothing is changed.
func TestMethodsTakeTheirOwnGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	ctx, ann, amy := t.Context(), w.as("ann"), w.as("amy")
	made, err := w.reviews.Create(ctx, ann, w.internal, form("x"))
	must(t, err)
	_, err = w.reviews.Submit(ctx, ann, w.internal, made.ID, 0)
	must(t, err)
	grants := map[policy.Right]policy.Grant{"": {}}
	for _, right := range []policy.Right{policy.TemplatesRead, policy.TemplatesWrite, policy.TemplatesTest, policy.TemplatesReview} {
		grants[right], err = w.reviews.grant(ctx, amy, right, w.internal.Resource())
		must(t, err)
	}
	for _, right := range []policy.Right{policy.TemplatesList, policy.ConsoleFollow} {
		grants[right], err = w.reviews.grant(ctx, amy, right, policy.Resource{Organization: w.home.ID})
		must(t, err)
	}
	for _, right := range []policy.Right{policy.ReviewsRead, policy.InboxRead} {
		grants[right], err = w.reviews.grant(ctx, amy, right, policy.Own(amy))
		must(t, err)
	}
	service := reflect.ValueOf(w.reviews.Service)
	before, err := w.reviews.Log(ctx, ann, w.internal, made.ID)
	must(t, err)
	for i := range service.NumMethod() {
		name, method := service.Type().Method(i).Name, service.Method(i)
		if method.Type().NumIn() < 2 || method.Type().In(1) != reflect.TypeFor[policy.Grant]() {
			t.Errorf("%s takes no grant", name)
			continue
		}
		if wants[name] == "" {
			t.Errorf("say in wants which right %s is for", name)
		}
		for right, g := range grants {
			if right == wants[name] {
				continue
			}
			in := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(g)}
			for n := 2; n < method.Type().NumIn(); n++ {
				in = append(in, argument(method.Type().In(n), made))
			}
			out := method.Call(in)
			if err, _ := out[len(out)-1].Interface().(error); err == nil || fault.From(err).Code != fault.CodeInternal {
				t.Errorf("%s with a grant of %q: %v", name, right, err)
			}
		}
	}
	after, err := w.reviews.Log(ctx, ann, w.internal, made.ID)
	must(t, err)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%v became %v", before, after)
	}
}

// argument is one with which the method would do something.
func argument(of reflect.Type, t review.Template) reflect.Value {
	v := reflect.New(of).Elem()
	switch of {
	case reflect.TypeFor[string]():
		v.SetString(t.ID)
	case reflect.TypeFor[int]():
		v.SetInt(1)
	case reflect.TypeOf(t.Newest.Form):
		v.Set(reflect.ValueOf(form("y")))
	}
	return v
}
