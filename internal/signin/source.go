package signin

import (
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
)

// State says whether people sign in with a source.
type State string

// The states. A draft has never been on, or its settings were changed since it was
// tested.
const (
	Draft State = "draft"
	On    State = "on"
	Off   State = "off"
)

// Source is a provider of identities as an organization has set it up, such as its
// Keycloak. People sign in with it while it is on.
type Source struct {
	Organization int64
	ID           string          // as NewID makes it: the organization's id leads
	Kind         string          // "oidc": which Provider reads the settings
	Name         string          // one in the organization; those who sign in see it
	State        State           //
	Settings     json.RawMessage // as Provider.Check returns them
	SessionDays  int             // 1 to MaxSessionDays: after so many days people sign in anew
	ByOperator   bool            // the operator has named the addresses: they may be private
	Edition      int64           // counts changes, from 1
	TestedAt     time.Time       // when somebody signed in by way of trying these settings; zero: never
	CreatedAt    time.Time
}

// StoredSource is a source with its secret, sealed; a source without a secret has an
// empty one.
type StoredSource struct {
	Source
	Secret masterkey.Sealed
}

// The limits of a session that a source has begun, in days.
const (
	DefaultSessionDays = 7
	MaxSessionDays     = 180
)

const idLength = 16 // characters of base32: a name, not a secret

// NewID makes the id of a source: the organization's id and 16 random characters with
// "_" between them, such as 17_k3f9….
func NewID(organization int64) string {
	return strconv.FormatInt(organization, 10) + "_" + strings.ToLower(rand.Text()[:idLength])
}

// ParseID returns whose source an id names; false for what NewID never makes.
func ParseID(id string) (organization int64, ok bool) {
	number, name, _ := strings.Cut(id, "_")
	organization, err := strconv.ParseInt(number, 10, 64)
	if err != nil || organization < 1 || strconv.FormatInt(organization, 10) != number || len(name) != idLength {
		return 0, false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return 0, false
		}
	}
	return organization, true
}

// CallbackPath is where on this server a provider sends people back to, with a GET. Each
// source has its own, so that no answer of one is taken for that of another (RFC 9700,
// section 4.4.2).
func CallbackPath(id string) string { return "/sign-in/" + id + "/callback" }

// Row is what the secret of a source is bound to.
func (s *Source) Row() masterkey.Row {
	return masterkey.Row{Organization: s.Organization, Source: s.ID}
}
