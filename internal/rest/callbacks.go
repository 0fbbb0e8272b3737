package rest

import (
	"context"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// Callbacks keeps where apps hear of events.
type Callbacks interface {
	// Status and the next three fail with CodeCallbackUnknown.
	Status(ctx context.Context, k callback.Key) (callback.Callback, callback.State, error)
	Delete(ctx context.Context, by audit.By, k callback.Key) error
	Test(ctx context.Context, k callback.Key) (callback.Failure, error)
	// Save fails with the callback's codes for what cannot be taken.
	Save(ctx context.Context, by audit.By, k callback.Key, to callback.Settings) error
}

// callbacks is where an app is told of events, and how that goes.
type callbacks struct {
	apps *apps
	room Callbacks
}

const (
	callbackPath = appPath + "/callback"

	getCallbackText = "Where an own app is told that people and departments have changed, a third-party app also of its ticket and of who installs it, and how that goes; null where nothing is set. " +
		"The token and the aes_key are never told, nor what follows ? in the address, which may be a token."
	saveCallbackText = "Of an own app; an internal one needs the scope contacts.read, and a third-party app hears of people where it is installed with that scope. " +
		"The address must answer the event check_url with an encrypted success before it is stored, that of a third-party app check_create_suite_url or check_update_suite_url, " +
		"so the program has to know the token and the aes_key already; the key id that closes each text is the app's app_key, which of a third-party app is the suite key, " +
		"and of a callback that the program has registered by itself the corp_id. What is left out stays; of a new callback nothing can be. The address may not be private unless the operator has set just this one, or allows it with --outbound-allow: " +
		"callback_unreachable, without a reason. callback_answer_wrong where it answers something else."
	removeCallbackText = "The app is told of nothing any more, and the events that wait or were given up are deleted."
	testCallbackText   = "Posts the event that is posted before an address is stored, and tells what came back. After a good answer the events that wait are sent at once."
)

func (c *callbacks) routes(r route.Table) {
	route.JSON(r, route.Get("getCallback", callbackPath, "Get an app's callback", getCallbackText), policy.AppsRead, c.get)
	route.JSON(r, route.Put("saveCallback", callbackPath, "Set an app's callback", saveCallbackText), policy.AppsWrite, c.save)
	route.JSON(r, route.Empty(route.Delete("removeCallback", callbackPath, "Remove an app's callback", removeCallbackText)), policy.AppsWrite, c.remove)
	route.JSON(r, route.Post("testCallback", callbackPath+"/test", "Test an app's callback", testCallbackText), policy.AppsWrite, c.test)
}

// AppCallback is the answer of getCallback and saveCallback.
type AppCallback struct {
	Callback  *EventCallback `json:"callback" doc:"The callback; null where none is set, and of another organization's app."`
	Available []string       `json:"available" doc:"The events that the app may be told of; empty for another organization's app. One that has two names is called as the callback calls it, or the others, and by its older one where there is none."`
	TwoNames  []EventNames   `json:"two_names" doc:"Both names of each event that has two; empty where none has."`
}

// EventNames are both names of an event, of which a callback lists one.
type EventNames struct {
	Older string `json:"older" doc:"Such as tmp_auth_code."`
	Newer string `json:"newer" doc:"Such as org_suite_auth."`
}

// EventCallback is where an app is told of events, without its secrets.
type EventCallback struct {
	URL           string           `json:"url" doc:"Where events are posted, without the query."`
	HasQuery      bool             `json:"has_query" doc:"Whether the address has a query, which is not told."`
	Events        []string         `json:"events" doc:"What the app is told of."`
	KeyID         string           `json:"key_id" enum:"app_key,corp_id,suite_key" doc:"What closes each encrypted text: the app's key, which of a third-party app is the suite key, or the organization's corp_id where the program has registered by itself."`
	ByOperator    bool             `json:"by_operator" doc:"The operator has set this address; it may be private."`
	ChangedAt     time.Time        `json:"changed_at" doc:"When it was set last."`
	Waiting       int              `json:"waiting" doc:"How many events are not delivered yet."`
	GivenUp       int              `json:"given_up" doc:"How many events were given up in the last seven days and not asked for since."`
	Failures      int              `json:"failures" doc:"How many attempts have failed in a row."`
	NextAttemptAt *time.Time       `json:"next_attempt_at" doc:"Before it nothing is tried; null where the last attempt succeeded."`
	LastSuccessAt *time.Time       `json:"last_success_at" doc:"When an event was delivered last; null before the first."`
	LastFailureAt *time.Time       `json:"last_failure_at" doc:"When an attempt failed last; null where none has."`
	LastFailure   *CallbackFailure `json:"last_failure" doc:"Why it did; null where none has."`
}

// CallbackFailure is why an address did not take what was posted.
type CallbackFailure struct {
	Reason string `json:"reason" enum:"unreachable,status,form,unreadable,not_success" doc:"unreachable: no answer within five seconds, one of more than 4 KiB, or an address that may not be called. status: another HTTP status than 200. form: not the JSON object that an answer is. unreadable: signed or encrypted with another token, aes_key or key id. not_success: it says something else."`
	Status int    `json:"status" doc:"The HTTP status of the answer, where that is the reason; otherwise 0."`
}

// CallbackTest is the answer of testCallback.
type CallbackTest struct {
	Delivered bool             `json:"delivered" doc:"Whether the address answered as it should."`
	Failure   *CallbackFailure `json:"failure" doc:"Why not; null where it did."`
}

// SaveCallbackRequest is the body of saveCallback.
type SaveCallbackRequest struct {
	URL    string   `json:"url,omitempty" maxLength:"2048" doc:"The address that events are posted to: http or https, with its query."`
	Events []string `json:"events" minItems:"1" maxItems:"50" doc:"What the app is told of."`
	Token  string   `json:"token,omitempty" maxLength:"64" doc:"Goes into the signatures: 1 to 64 characters."`
	AESKey string   `json:"aes_key,omitempty" maxLength:"43" doc:"Encrypts the events: 43 letters and digits."`
}

type (
	callbackAnswer      struct{ Body AppCallback }
	callbackTestAnswer  struct{ Body CallbackTest }
	saveCallbackRequest struct {
		AppPath
		Body SaveCallbackRequest
	}
)

// find finds the app of a path, and what names its callback.
func (c *callbacks) find(ctx context.Context, v *route.Visit, p AppPath) (callback.Key, app.Known, error) {
	known, err := c.apps.at(ctx, v, p)
	return callback.Key{Organization: known.App.Organization, AppID: known.App.ID}, known, err
}

func (c *callbacks) get(ctx context.Context, v *route.Visit, in *AppPath) (*callbackAnswer, error) {
	k, known, err := c.find(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	if k.Organization != v.Viewer.Organization { // its provider's business
		return &callbackAnswer{AppCallback{Available: []string{}, TwoNames: []EventNames{}}}, nil
	}
	return c.answer(ctx, k, known)
}

func (c *callbacks) answer(ctx context.Context, k callback.Key, known app.Known) (*callbackAnswer, error) {
	is, state, err := c.room.Status(ctx, k)
	thirdParty := known.App.Kind == app.ThirdParty
	one := AppCallback{Available: callback.Offered(thirdParty, is.Tags), TwoNames: []EventNames{}}
	if thirdParty {
		for _, names := range callback.TwoNames() {
			one.TwoNames = append(one.TwoNames, EventNames(names))
		}
	}
	if fault.Is(err, fault.CodeCallbackUnknown) {
		return &callbackAnswer{one}, nil
	}
	if err != nil {
		return nil, err
	}
	told := &EventCallback{
		Events: append([]string{}, is.Tags...), KeyID: string(is.KeyID), ByOperator: is.ByOperator, ChangedAt: is.ChangedAt,
		Waiting: state.Waiting, GivenUp: state.GivenUp, Failures: state.Failures,
		LastSuccessAt: moment(state.SucceededAt), LastFailureAt: moment(state.FailedAt), LastFailure: failure(state.Failure),
	}
	told.URL, told.HasQuery = is.Address()
	if state.Failures > 0 {
		told.NextAttemptAt = moment(state.NextAt)
	}
	one.Callback = told
	return &callbackAnswer{one}, nil
}

func failure(f callback.Failure) *CallbackFailure {
	if f == (callback.Failure{}) {
		return nil
	}
	return &CallbackFailure{string(f.Kind), f.Status}
}

func (c *callbacks) save(ctx context.Context, v *route.Visit, in *saveCallbackRequest) (*callbackAnswer, error) {
	k, known, err := c.find(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	if known.App.Kind == app.Internal && !slices.Contains(known.Granted().Scopes, app.ScopeContacts) {
		// Whoever changes an app does not decide what it may read. Of a third-party app each
		// organization decides that for itself, and its events follow.
		return nil, fault.New(fault.CodePermissionDenied, "the app does not have the scope %s", app.ScopeContacts).WithField("scopes")
	}
	to := callback.Settings{URL: in.Body.URL, Tags: in.Body.Events, Token: in.Body.Token, AESKey: in.Body.AESKey}
	if err := c.room.Save(ctx, v.Asker.By, k, to); err != nil {
		if fault.Is(err, fault.CodeCallbackTag) { // the wire has another name for it
			return nil, fault.From(err).WithField("events")
		}
		return nil, err
	}
	return c.answer(ctx, k, known)
}

func (c *callbacks) remove(ctx context.Context, v *route.Visit, in *AppPath) (*struct{}, error) {
	k, _, err := c.find(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return nil, c.room.Delete(ctx, v.Asker.By, k)
}

func (c *callbacks) test(ctx context.Context, v *route.Visit, in *AppPath) (*callbackTestAnswer, error) {
	k, _, err := c.find(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	f, err := c.room.Test(ctx, k)
	return &callbackTestAnswer{CallbackTest{Delivered: f == (callback.Failure{}), Failure: failure(f)}}, err
}
