package callback

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// The events about a third-party app itself, by the names that its programs know them
// by when they are posted over HTTP. All but the ticket are about an organization in
// which the app is installed.
const (
	SuiteTicket = "suite_ticket"  // the ticket, regularly and when it changes
	SuiteAuth   = "tmp_auth_code" // an organization has installed the app
	SuiteChange = "change_auth"   // and allows it something else
	SuiteEnd    = "suite_relieve" // and has it no more
)

// What newer programs call the same. A callback listens to one of the two.
const (
	laterAuth   = "org_suite_auth"
	laterChange = "org_suite_change"
	laterEnd    = "org_suite_relieve"
)

var laterNames = map[string]string{SuiteAuth: laterAuth, SuiteChange: laterChange, SuiteEnd: laterEnd}

const (
	checkNew     = "check_create_suite_url" // posted before a third-party app's first address is stored
	checkChanged = "check_update_suite_url" // and before another one
)

// TicketEvery is how often a third-party app is told its ticket that does not change.
const TicketEvery = 5 * time.Hour

// SuiteTags returns what a third-party app listens to unless its callback says otherwise:
// every event, of organizations in which it is installed, and about itself.
func SuiteTags() []string { return append(Tags(), SuiteTicket, SuiteAuth, SuiteChange, SuiteEnd) }

// SuiteNames returns every name that a third-party app's callback may list.
func SuiteNames() []string {
	return append(SuiteTags(), laterAuth, laterChange, laterEnd)
}

// EventNames are both names of an event that has two.
type EventNames struct{ Older, Newer string }

// TwoNames returns the names of each event that has two, in the order of SuiteTags.
func TwoNames() []EventNames {
	var all []EventNames
	for _, event := range SuiteTags() {
		if later, has := laterNames[event]; has {
			all = append(all, EventNames{Older: event, Newer: later})
		}
	}
	return all
}

// Offered returns the events that an app's callback may listen to. One that has two names
// is called as the callback with these tags calls it, since it cannot list both; one that
// the callback does not list, as it calls the others.
func Offered(thirdParty bool, tags []string) []string {
	if !thirdParty {
		return Tags()
	}
	older := slices.ContainsFunc(tags, func(tag string) bool { return laterNames[tag] != "" })
	all := SuiteTags()
	for i, event := range all {
		name := tagOf(tags, event)
		if name == "" && !older && slices.ContainsFunc(tags, isLater) {
			name = laterNames[event]
		}
		if name != "" {
			all[i] = name
		}
	}
	return all
}

// isLater reports whether a tag is what newer programs call an event.
func isLater(tag string) bool {
	return slices.Contains(slices.Collect(maps.Values(laterNames)), tag)
}

// tagOf is what an app with a callback of such tags calls an event about itself; "" where
// it does not listen to it.
func tagOf(tags []string, event string) string {
	for _, name := range []string{laterNames[event], event} {
		if slices.Contains(tags, name) {
			return name
		}
	}
	return ""
}

// OwnEvent returns the event about a third-party app itself that a callback with such
// tags hears of, without its part; false where it does not listen to that.
func OwnEvent(k Key, tags []string, event string, about, revision int64, at time.Time) (Event, bool) {
	tag := tagOf(tags, event)
	return Event{Key: k, About: about, Revision: revision, Tag: tag, IDs: []int64{}, At: at}, tag != ""
}

// cleanSuiteTags refuses what a third-party app cannot listen to.
func cleanSuiteTags(tags []string) error {
	for event, later := range laterNames {
		if slices.Contains(tags, event) && slices.Contains(tags, later) {
			return fault.New(fault.CodeCallbackTag, "%s and %s are two names of one event", event, later).WithField("call_back_tag")
		}
	}
	return within(tags, SuiteNames())
}

// Suites knows third-party apps.
type Suites interface {
	// Ticket returns an app's suite ticket.
	Ticket(ctx context.Context, provider, appID int64) (string, error)
	// NewAuthCode makes a code with which the provider takes the authorization of an
	// organization. False: it does not have the app installed any more.
	NewAuthCode(ctx context.Context, provider, appID, organization int64) (string, bool, error)
}

// ownText is an event about a third-party app itself as it is told, or nil where that is
// over. What it tells is what holds now: a ticket that was replaced meanwhile is not told.
func (s *Service) ownText(ctx context.Context, t Target, e Event) ([]byte, error) {
	said := map[string]any{"EventType": e.Tag, "TimeStamp": strconv.FormatInt(e.At.UnixMilli(), 10), "SuiteKey": t.AppKey}
	if e.Tag == SuiteTicket {
		ticket, err := s.deps.Suites.Ticket(ctx, t.Organization, t.AppID)
		said["SuiteTicket"] = ticket
		if err != nil {
			return nil, err
		}
		return json.Marshal(said)
	}
	o, err := s.deps.People.Organization(ctx, e.About)
	if err != nil {
		return nil, err
	}
	said["AuthCorpId"], said["CorpId"] = o.CorpID, o.CorpID
	if e.Tag == SuiteAuth || e.Tag == laterAuth {
		code, installed, err := s.deps.Suites.NewAuthCode(ctx, t.Organization, t.AppID, e.About)
		if err != nil || !installed {
			return nil, err
		}
		said["AuthCode"] = code
	}
	return json.Marshal(said)
}

// tickets writes down that apps are to be told their tickets once more.
func (w *worker) tickets(ctx context.Context, due []Key, now time.Time) error {
	for _, k := range due {
		if err := w.deps.Store.TellTicket(ctx, k, now); err != nil {
			return fmt.Errorf("ticket of app %d: %w", k.AppID, err)
		}
	}
	return nil
}
