package server

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

// trusted tells the page's hosts by the sessions that its browser has.
type trusted struct {
	accounts sessions
	apps     trust
	cookies  account.Cookies
	log      *slog.Logger
}

// sessions knows whose a session is; a fault of kind Unauthenticated for
// nobody's.
type sessions interface {
	Session(ctx context.Context, value string) (account.Viewer, error)
}

// trust knows which hosts the cards of an organization trust.
type trust interface {
	TrustedHosts(ctx context.Context, organization int64) ([]string, error)
}

// hostsTime is how long the page waits for the database. It is there to say so
// when that does not answer.
const hostsTime = time.Second

// Hosts implements hosts. What cannot be read is left out: a page without some
// pictures is better than none.
func (t trusted) Hosts(r *http.Request) []string {
	held := t.cookies.Held(r.Header.Values("Cookie")).First()
	if len(held) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), hostsTime)
	defer cancel()
	var all []string
	for _, h := range held {
		hosts, err := t.of(ctx, h)
		if err != nil && fault.From(err).Kind != fault.Unauthenticated {
			t.log.Warn("the page's hosts cannot be read", "organization", h.Organization, "error", err)
			return all
		}
		all = append(all, hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// of returns the hosts of one session's organization.
func (t trusted) of(ctx context.Context, h account.Held) ([]string, error) {
	v, err := t.accounts.Session(ctx, h.Value)
	if err != nil {
		return nil, err
	}
	return t.apps.TrustedHosts(ctx, v.Organization)
}
