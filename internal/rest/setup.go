package rest

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/setup"
)

// Setup makes the installation's first organization for whoever has a setup link. Both
// fail with CodeSetupDone when there is an organization, and with CodeTokenInvalid for
// a link that cannot be used.
type Setup interface {
	// Check returns until when a link can be used.
	Check(ctx context.Context, token string) (time.Time, error)
	SetUp(ctx context.Context, by audit.By, r setup.Request) (account.SignedIn, error)
}

// setups is making the first organization with a browser.
type setups struct {
	room     Setup
	sessions *sessions
	nodes    Nodes
}

func (s *setups) routes(r route.Table) {
	route.JSON(r, route.Post("describeSetup", "/setup/describe", "Tell whether a setup link can be used", describeSetupText), policy.Open, s.describe)
	route.JSON(r, route.Created(route.Post("setUp", "/setup", "Make the installation's first organization", setUpText)), policy.Open, s.setUp)
}

const (
	describeSetupText = "The link is not used. token_invalid for one that is unknown, expired or used; setup_done when there is an organization, whatever the link."
	setUpText         = "Takes the token of a setup link, which the server shows at a start without an organization, and `tidings admin setup-link` makes. It makes the organization " +
		"and its owner, and signs the owner in with the organization's cookie. A link works once, for an hour, and only while there is no organization: then the answer is " +
		"409 setup_done. What is refused does not use the link."
)

// SetupLinkRequest is the body of describeSetup.
type SetupLinkRequest struct {
	Token string `json:"token" maxLength:"200" doc:"What stands behind # in the address of a setup link."`
}

// SetupLink is the answer of describeSetup.
type SetupLink struct {
	ExpiresAt time.Time `json:"expires_at" doc:"Until when the link can be used."`
}

type (
	describeSetupRequest struct{ Body SetupLinkRequest }
	setupLinkAnswer      struct{ Body SetupLink }
)

// describe needs no credential but the link.
func (s *setups) describe(ctx context.Context, _ *route.Visit, in *describeSetupRequest) (*setupLinkAnswer, error) {
	expires, err := s.room.Check(ctx, in.Body.Token)
	return &setupLinkAnswer{SetupLink{expires}}, err
}

// SetUpRequest is the body of setUp.
type SetUpRequest struct {
	Token        string `json:"token" maxLength:"200" doc:"What stands behind # in the address of a setup link."`
	Organization string `json:"organization" maxLength:"200" doc:"The organization's name: 1 to 64 characters, and none of - , ，."`
	Userid       string `json:"userid" maxLength:"200" doc:"The owner's userid: 1 to 64 visible characters, no comma. It never changes."`
	Name         string `json:"name" maxLength:"200" doc:"The owner's name: 1 to 80 characters."`
	TimeZone     string `json:"time_zone,omitempty" maxLength:"64" doc:"The time zone in which the organization's days begin, such as Asia/Shanghai, which it is when left out."`
}

type setUpRequest struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Body      SetUpRequest
}

// setUp needs no credential but the link. It answers when every server knows the owner,
// or after a while: the browser's next request may come to another one.
func (s *setups) setUp(ctx context.Context, v *route.Visit, in *setUpRequest) (*signInAnswer, error) {
	begun, err := s.room.SetUp(ctx, v.Asker.By, setup.Request{
		Token: in.Body.Token, Organization: in.Body.Organization, TimeZone: in.Body.TimeZone,
		Userid: in.Body.Userid, Name: in.Body.Name, Device: account.Device(in.UserAgent),
	})
	if err != nil {
		return nil, err
	}
	s.nodes.Followed(ctx)
	return s.sessions.begun(ctx, begun)
}
