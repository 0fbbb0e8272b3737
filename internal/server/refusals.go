package server

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/setup"
)

// refusals are what is measured of failures that the edges answer. On the wire
// these have HTTP status 200, so that the requests' own counter cannot show them.
type refusals struct {
	wire        *prometheus.CounterVec // by errcode
	own         *prometheus.CounterVec // by code
	credentials *prometheus.CounterVec // by what was not good
}

// What may be not good.
const (
	badAccessToken = "access_token"
	badSecret      = "secret"
	badAPIToken    = "api_token"
	badLink        = "sign_in_link"
	badSetupLink   = "setup_link"
	badSignIn      = "sign_in"
)

func newRefusals() refusals {
	return refusals{
		wire: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_wire_failures_total", Help: "Calls of DingTalk's APIs that were answered with a failure, by errcode: that inside of 88, and on the newer APIs the one for the same failure.",
		}, []string{"errcode"}),
		own: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_api_failures_total", Help: "Calls of our own API that were answered with a problem, by its code.",
		}, []string{"code"}),
		credentials: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_authentication_failures_total", Help: `Credentials that were not good, by credential: "access_token", "secret" (of an app), "api_token", "sign_in_link", "setup_link" or "sign_in" (at a provider).`,
		}, []string{"credential"}),
	}
}

// register makes the series too: an alert on a rate must see the first failure.
func (f *refusals) register(r *prometheus.Registry) {
	r.MustRegister(f.wire, f.own, f.credentials)
	for _, errcode := range dingtalk.Errcodes() {
		f.wire.WithLabelValues(strconv.Itoa(errcode))
	}
	for _, code := range fault.Codes() {
		f.own.WithLabelValues(string(code))
	}
	for _, credential := range []string{badAccessToken, badSecret, badAPIToken, badLink, badSetupLink, badSignIn} {
		f.credentials.WithLabelValues(credential)
	}
}

// onWire returns what hears of the wire's failures.
func (f *refusals) onWire(log *slog.Logger) func(*http.Request, *fault.Fault, int) {
	return func(r *http.Request, refused *fault.Fault, errcode int) {
		f.wire.WithLabelValues(strconv.Itoa(errcode)).Inc()
		credential := badSecret
		if refused.Code == fault.CodeTokenInvalid {
			credential = badAccessToken
		}
		f.distrust(log, r, refused, credential)
	}
}

// onOwn returns what hears of our own API's problems. A session that has ended
// is not among them: whoever holds it is as if not signed in.
func (f *refusals) onOwn(log *slog.Logger) func(*http.Request, *fault.Fault) {
	return func(r *http.Request, refused *fault.Fault) {
		f.own.WithLabelValues(string(refused.Code)).Inc()
		credential := badLink
		switch {
		case r.Header.Get("Authorization") != "":
			credential = badAPIToken
		case refused.Code == fault.CodeSignInRefused:
			credential = badSignIn
		case refused.Field == setup.TokenField:
			credential = badSetupLink
		}
		f.distrust(log, r, refused, credential)
	}
}

// distrust counts and logs a credential that is not good. Sending none is no
// attempt.
func (f *refusals) distrust(log *slog.Logger, r *http.Request, refused *fault.Fault, credential string) {
	if refused.Kind != fault.Unauthenticated || refused.Code == fault.CodeTokenMissing {
		return
	}
	f.credentials.WithLabelValues(credential).Inc()
	log.Info("authentication failed", "peer", attempt.Peer(r.Context()).String(), "kind", credential, "path", r.URL.Path, "code", refused.Code)
}
