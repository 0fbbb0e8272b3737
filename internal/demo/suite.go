package demo

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// suiteName is the third-party app: of the first organization, installed in all.
const suiteName = "云帆订单 Orders"

// suiteState is the third-party app in DIR/demo.json.
type suiteState struct {
	ID     int64            `json:"id"`
	Key    string           `json:"suite_key"`
	Secret string           `json:"suite_secret"`
	Agents map[string]int64 `json:"agents"` // by organization.key
	// Templates are by sample.key, each once it was brought to its end.
	Templates map[string]string `json:"templates,omitempty"`
}

// makeSuite makes the third-party app and installs it where it is not yet.
// What an administrator changes afterwards is left alone.
func (d *Demo) makeSuite(ctx context.Context) error {
	provider := d.shown[0]
	if d.state.Suite == nil {
		d.o.Note(provider.name + ": third-party app")
		made, err := d.makeSuiteApp(ctx, provider.id)
		if err != nil {
			return fmt.Errorf("%s: %w", suiteName, err)
		}
		d.state.Suite = made
		if err := d.state.save(); err != nil {
			return err
		}
	}
	for _, s := range d.shown {
		if d.state.Suite.Agents[s.key] != 0 {
			continue
		}
		agent, err := d.o.Apps.Install(ctx, audit.ByOperator(), provider.id, d.state.Suite.ID, s.id, app.Installation{Range: directory.Range{Everyone: true}})
		if err != nil {
			return fmt.Errorf("%s in %s: %w", suiteName, s.name, err)
		}
		d.state.Suite.Agents[s.key] = agent.ID
		if err := d.state.save(); err != nil {
			return err
		}
	}
	return nil
}

// makeSuiteApp is makeApp for the third-party app.
func (d *Demo) makeSuiteApp(ctx context.Context, provider int64) (*suiteState, error) {
	there, err := d.o.Apps.Suites(ctx, provider)
	if err != nil {
		return nil, err
	}
	for _, l := range there {
		if l.App.Name == suiteName {
			secret, err := d.anotherSecret(ctx, provider, l.App.ID, l.Secrets)
			return &suiteState{ID: l.App.ID, Key: l.App.Key, Secret: secret, Agents: map[string]int64{}}, err
		}
	}
	made, secret, err := d.o.Apps.CreateThirdParty(ctx, audit.ByOperator(), provider, app.NewApp{Name: suiteName}, false)
	return &suiteState{ID: made.ID, Key: made.Key, Secret: secret, Agents: map[string]int64{}}, err
}

// describeSuite is the app as one organization has it.
func (d *Demo) describeSuite(ctx context.Context, s *shown) (appView, error) {
	suite := d.state.Suite
	ticket, err := d.o.Apps.Ticket(ctx, d.shown[0].id, suite.ID)
	return appView{
		Name: suiteName, Kind: "third_party", AppKey: suite.Key, AppSecret: suite.Secret,
		AgentID: suite.Agents[s.key], SuiteTicket: ticket, Templates: suite.Templates,
	}, err
}
