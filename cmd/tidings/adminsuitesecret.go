package main

import (
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type suiteSecretCmd struct {
	Add suiteSecretAddCmd `cmd:"" help:"Add a second suite secret and print it; it is never shown again."`
	End suiteSecretEndCmd `cmd:"" help:"End a suite secret and the tokens taken with it."`
}

type suiteSecretAddCmd struct{ suiteArg }

// newSuiteSecretView shows a secret the one time it can be shown.
type newSuiteSecretView struct {
	ID          int64  `json:"secret_id"`
	SuiteSecret string `json:"suite_secret"`
}

func (c *suiteSecretAddCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, o directory.Organization, a app.App) error {
		made, value, err := s.rooms.Apps.AddSecret(s.ctx, audit.ByOperator(), o.ID, a.ID)
		if err != nil {
			return err
		}
		return s.done(newSuiteSecretView{made.ID, value}, "added secret %d to app %s\nsuite secret  %s", made.ID, a.Name, value)
	})
}

type suiteSecretEndCmd struct {
	suiteArg
	Secret int64 `arg:"" range:"1.." help:"Id of the secret, as suite list shows it."`
}

func (c *suiteSecretEndCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, _ directory.Organization, a app.App) error { return s.endSecret(a, c.Secret) })
}
