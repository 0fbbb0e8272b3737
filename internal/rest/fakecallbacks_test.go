package rest_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
)

// listeners is a callback of each organization's app, which fails.
type listeners struct{ *house }

func (l listeners) Status(_ context.Context, k callback.Key) (callback.Callback, callback.State, error) {
	at := time.Unix(1_700_000_000, 0).UTC()
	return callback.Callback{
		Key: k, URL: "https://example.com/" + secret(k.Organization) + "?token=hidden", Tags: []string{callback.UserAdd}, KeyID: callback.ByAppKey, Sealed: []byte("hidden"),
	}, callback.State{
		Failures: 2, NextAt: at, FailedAt: at, Failure: callback.Failure{Kind: callback.WrongStatus, Status: 503}, Reason: "hidden", Waiting: 3, GivenUp: 4,
	}, l.note("callback")
}

// Save knows no event "nothing".
func (l listeners) Save(_ context.Context, _ audit.By, k callback.Key, to callback.Settings) error {
	if slices.Contains(to.Tags, "nothing") {
		return fault.New(fault.CodeCallbackTag, "there is no such event").WithField("call_back_tag")
	}
	return l.note(fmt.Sprint("save callback ", k, " ", to.URL, " ", to.Tags, " ", to.Token, " ", to.AESKey))
}

func (l listeners) Delete(_ context.Context, _ audit.By, k callback.Key) error {
	return l.note(fmt.Sprint("end callback ", k))
}

func (l listeners) Test(context.Context, callback.Key) (callback.Failure, error) {
	return callback.Failure{Kind: callback.Unreachable}, l.note("test callback")
}
