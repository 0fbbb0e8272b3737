package app

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"github.com/tidings-im/tidings/internal/fault"
)

// keyForm is what keys are made of. Other text names no app, and need not even be
// text of a database.
var keyForm = regexp.MustCompile(`^[a-z0-9]{1,64}$`)

// Named returns the app that people of an organization name in a path: by the agent id
// of an installation, ended ones included, in whichever organization, or by its key.
// The Agent is that installation; for a key it is the one in the organization, zero
// where the app was never installed there. What the asker may see of it, the caller
// asks the table of rights. Fails with CodeAgentUnknown.
func (s *Service) Named(ctx context.Context, organization int64, named string) (App, Agent, error) {
	if id, err := strconv.ParseInt(named, 10, 64); err == nil && strconv.FormatInt(id, 10) == named {
		return s.store.AppOfAgent(ctx, id)
	}
	unknown := fault.New(fault.CodeAgentUnknown, "there is no such app").WithField("agent_id")
	if !keyForm.MatchString(named) {
		return App{}, Agent{}, unknown
	}
	a, err := s.store.AppByKey(ctx, named)
	if fault.Is(err, fault.CodeAppUnknown) {
		return App{}, Agent{}, unknown
	}
	if err != nil {
		return App{}, Agent{}, fmt.Errorf("app.Named: %w", err)
	}
	g, _, err := s.store.AgentOf(ctx, a.Organization, a.ID, organization)
	if err != nil {
		return App{}, Agent{}, fmt.Errorf("app.Named: %w", err)
	}
	return a, g, nil
}

// Address returns what people of an organization name an app by: the agent id of
// their own installation, else of any, else its key. Fails with CodeAppUnknown.
func (s *Service) Address(ctx context.Context, organization, provider, appID int64) (string, error) {
	g, ok, err := s.store.AgentOf(ctx, provider, appID, organization)
	if err == nil && !ok {
		g.ID, ok, err = s.store.AnyAgentOf(ctx, provider, appID)
	}
	if err != nil {
		return "", fmt.Errorf("app.Address: %w", err)
	}
	if ok {
		return strconv.FormatInt(g.ID, 10), nil
	}
	a, err := s.store.AppByID(ctx, provider, appID)
	if err != nil {
		return "", fmt.Errorf("app.Address: %w", err)
	}
	return a.Key, nil
}
