package rest

import (
	"net/http"
	"strconv"

	"github.com/tidings-im/tidings/internal/fault"
)

const lastEventID = "Last-Event-ID"

func (a *api) events(w http.ResponseWriter, r *http.Request, v *visit) error {
	if r.Method != http.MethodGet {
		return fault.New(fault.CodeMethodNotAllowed, "use GET")
	}
	after, err := resumeFrom(r)
	if err != nil {
		return err
	}
	good, release, err := a.watch.over(v.viewer)
	if err != nil {
		return err
	}
	return a.Live.Serve(w, r, v.inbox(), after, good, release)
}

// resumeFrom returns the last revision the client knows, nil if it names none.
// The header is what a browser sends when it comes back by itself, so it wins.
func resumeFrom(r *http.Request) (*int64, error) {
	field, text := lastEventID, r.Header.Get(lastEventID)
	if text == "" {
		field, text = "after", r.URL.Query().Get("after")
	}
	if text == "" {
		return nil, nil
	}
	revision, err := strconv.ParseInt(text, 10, 64)
	if err != nil || revision < 0 {
		return nil, fault.New(fault.CodeParameterInvalid, "%s must be a revision", field).WithField(field)
	}
	return &revision, nil
}
