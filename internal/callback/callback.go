package callback

import (
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// The events, by the names that the wire gives them. docs/contract.md#callbacks says what
// each holds.
const (
	UserAdd    = "user_add_org"
	UserModify = "user_modify_org"
	UserLeave  = "user_leave_org"
	DeptCreate = "org_dept_create"
	DeptModify = "org_dept_modify"
	DeptRemove = "org_dept_remove"

	checkURL = "check_url" // posted before an address is stored, and not to be listened to
)

// Tags returns every event that an internal app may listen to.
func Tags() []string {
	return []string{UserAdd, UserModify, UserLeave, DeptCreate, DeptModify, DeptRemove}
}

// aboutUsers reports whether an event names people by their ordinals. Others name
// departments.
func aboutUsers(tag string) bool { return tag == UserAdd || tag == UserModify || tag == UserLeave }

// KeyID says what closes each encrypted text, so that an app knows whose key it is.
type KeyID string

// An app that registers by itself, over the wire, is told the corp id. The operator's
// command and our own API go with the app key, and for a third-party app with the suite key.
const (
	ByCorpID   KeyID = "corp_id"
	ByAppKey   KeyID = "app_key"
	BySuiteKey KeyID = "suite_key"
)

// Key names an app by the organization that it belongs to: for a third-party app its
// provider. Each app has at most one callback.
type Key struct{ Organization, AppID int64 }

// Settings are what whoever sets a callback says.
type Settings struct {
	URL    string
	Tags   []string
	Token  string // 1 to 64 characters
	AESKey string // 43 characters of a-z, A-Z and 0-9
}

// Callback is where an app hears of events, with the secrets sealed.
type Callback struct {
	Key
	URL        string
	Tags       []string
	KeyID      KeyID
	ByOperator bool // named on the command line: its address may be private
	KeyNumber  int
	Sealed     []byte // of secrets
	ChangedAt  time.Time
}

// secrets are sealed together.
type secrets struct {
	Token  string `json:"token"`
	AESKey string `json:"aes_key"`
}

// Address is the callback's URL without its query, which may be a token, and whether it
// has one.
func (c *Callback) Address() (address string, hasQuery bool) {
	address, _, hasQuery = strings.Cut(c.URL, "?")
	return address, hasQuery
}

// FailureKind is what is wrong with an address, as far as whoever named it may know.
type FailureKind string

// The kinds of failures. Of an address that cannot be called nobody but the operator
// learns more: it would tell others what stands beside the server.
const (
	Unreachable FailureKind = "unreachable" // no answer in time, one too long, or it may not be called
	WrongStatus FailureKind = "status"      // the answer's HTTP status is not 200
	WrongForm   FailureKind = "form"        // the answer is not the JSON object that it should be
	Unreadable  FailureKind = "unreadable"  // the answer is signed or encrypted with another token, key or key id
	NotSuccess  FailureKind = "not_success" // the answer says something else
)

// Failure is why an address did not take what was posted to it. The zero value is none.
type Failure struct {
	Kind   FailureKind
	Status int // HTTP status of the answer, of WrongStatus
}

// State is how deliveries to a callback go.
type State struct {
	Failures    int       // in a row
	NextAt      time.Time // before it nothing is tried
	SucceededAt time.Time // last; zero before
	FailedAt    time.Time // likewise
	Failure     Failure   // the last one
	Reason      string    // of the last failure, for the operator
	Waiting     int       // events not delivered yet
	GivenUp     int       // events that are kept for whoever asks for them
}

// Report is a callback as the operator looks at all of them.
type Report struct {
	CorpID, AppKey, AppName string
	State
	OldestAt time.Time // when the oldest event that waits happened; zero for none
}

// Event is one thing that happened to people or departments, or to a third-party app
// itself.
type Event struct {
	Key
	About    int64 // the organization in which it happened; 0: in none
	Revision int64 // of its directory; together with Part the order
	Part     int
	Tag      string
	IDs      []int64 // ordinals or ids of departments; none in an event about the app itself
	At       time.Time
	Attempts int
}

// clean checks the settings and sorts the tags.
func (s Settings) clean(thirdParty bool) (Settings, error) {
	if _, err := NewCipher(s.Token, s.AESKey, ""); err != nil {
		return s, fault.New(fault.CodeParameterInvalid, "an aes_key has 43 characters of a-z, A-Z and 0-9").WithField("aes_key")
	}
	if len(s.Token) == 0 || len(s.Token) > 64 {
		return s, fault.New(fault.CodeParameterInvalid, "a token has 1 to 64 characters").WithField("token")
	}
	if len(s.Tags) == 0 {
		return s, fault.New(fault.CodeParameterMissing, "call_back_tag is missing").WithField("call_back_tag")
	}
	tags := slices.Clone(s.Tags)
	slices.Sort(tags)
	s.Tags = slices.Compact(tags)
	if thirdParty {
		return s, cleanSuiteTags(s.Tags)
	}
	return s, within(s.Tags, Tags())
}

// within refuses tags that are not among those that there are.
func within(tags, known []string) error {
	for _, tag := range tags {
		if !slices.Contains(known, tag) {
			return fault.New(fault.CodeCallbackTag, "there is no event %.64q", tag).WithField("call_back_tag")
		}
	}
	return nil
}
