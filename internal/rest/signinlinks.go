package rest

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/signin"
)

// linkRoom links people and their accounts of elsewhere. Both fail with
// CodePermissionDenied where only an owner may, or another one.
type linkRoom interface {
	Waiting(ctx context.Context, organization int64, before signin.Waiting, limit int) ([]signin.Waiting, error)
	// Link fails with CodeNotFound where nobody waits with that code, CodeUserUnknown and CodeConflict.
	Link(ctx context.Context, by policy.Asker, organization int64, ref, userid string) (signin.Waiting, error)
	// Unlink fails with CodeNotFound, CodeUserUnknown and CodeLastWayIn.
	Unlink(ctx context.Context, by policy.Asker, organization int64, name, userid string) error
}

const (
	listWaitingText = "Accounts that somebody has signed in with at a source and that are nobody's here, of the last 30 days, newest first."
	linkText        = "From then on whoever signs in with the account is the person. not_found where nobody waits with that code; conflict for a person who has an account of that source already. " +
		"A person with a role beyond employee is linked by an owner, and an owner by another owner."
	unlinkText = "Ends the sessions that the person has begun with it, at once. Who may is as for linkIdentity; last_way_in as for disableSignInSource."
)

func (s *sources) linkRoutes(r route.Table) {
	route.JSON(r, route.Get("listWaitingIdentities", "/sign-in/waiting", "List the accounts that wait to be linked", listWaitingText), policy.IdentitiesLink, s.waiting)
	route.JSON(r, route.Post("linkIdentity", "/sign-in/waiting/{ref}/link", "Link an account that waits to a person", linkText), policy.IdentitiesLink, s.link)
	route.JSON(r, route.Empty(route.Delete("unlinkIdentity", sourcePath+"/identities/{userid}", "Take a person's account of a source away", unlinkText)), policy.IdentitiesLink, s.unlink)
}

// WaitingQuery is which part of the list is asked for.
type WaitingQuery struct {
	After string `query:"after" maxLength:"60" doc:"next_after of the page before this one."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most accounts of the page."`
}

// WaitingIdentityList is the answer of listWaitingIdentities.
type WaitingIdentityList struct {
	Items     []WaitingIdentity `json:"items" doc:"The accounts."`
	NextAfter *string           `json:"next_after" doc:"Goes into after for the next page; null at the end."`
}

// WaitingIdentity is an account of elsewhere that is nobody's here.
type WaitingIdentity struct {
	Ref     string    `json:"ref" doc:"The code that its person was shown."`
	Source  string    `json:"source" doc:"The name of the source."`
	Shown   string    `json:"shown" doc:"What the source calls them, which they may have chosen themselves."`
	Subject string    `json:"subject" doc:"What the source knows them by, which nobody chooses."`
	At      time.Time `json:"at" doc:"When they came last."`
}

// LinkIdentityRequest is the body of linkIdentity.
type LinkIdentityRequest struct {
	Userid string `json:"userid" maxLength:"64" doc:"The person."`
}

type (
	waitingAnswer       struct{ Body WaitingIdentityList }
	linkedAnswer        struct{ Body WaitingIdentity }
	linkIdentityRequest struct {
		Ref  string `path:"ref" maxLength:"20" doc:"The code."`
		Body LinkIdentityRequest
	}
	unlinkIdentityRequest struct {
		SourcePath
		Userid string `path:"userid" maxLength:"64" doc:"The person."`
	}
)

func waitingOf(w signin.Waiting) WaitingIdentity {
	return WaitingIdentity{Ref: w.Ref, Source: w.Source, Shown: w.Shown, Subject: w.Subject, At: w.At}
}

// waitingKey reads what next_after wrote.
func waitingKey(after string) (signin.Waiting, error) {
	if after == "" {
		return signin.Waiting{}, nil
	}
	at, ref, _ := strings.Cut(after, ".")
	millis, err := strconv.ParseInt(at, 10, 64)
	if err != nil || millis <= 0 || signin.ParseRef(ref) != ref || ref == "" {
		return signin.Waiting{}, fault.New(fault.CodeParameterInvalid, "after is no next_after of a page").WithField("after")
	}
	return signin.Waiting{At: time.UnixMilli(millis), Ref: ref}, nil
}

func (s *sources) waiting(ctx context.Context, v *route.Visit, in *WaitingQuery) (*waitingAnswer, error) {
	if _, err := ours(v); err != nil {
		return nil, err
	}
	before, err := waitingKey(in.After)
	if err != nil {
		return nil, err
	}
	all, err := s.room.Waiting(ctx, v.Viewer.Organization, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	list := WaitingIdentityList{Items: []WaitingIdentity{}}
	for i, w := range all {
		if i == in.Limit {
			last := all[i-1]
			next := strconv.FormatInt(last.At.UnixMilli(), 10) + "." + last.Ref
			list.NextAfter = &next
			break
		}
		list.Items = append(list.Items, waitingOf(w))
	}
	return &waitingAnswer{list}, nil
}

func (s *sources) link(ctx context.Context, v *route.Visit, in *linkIdentityRequest) (*linkedAnswer, error) {
	g, err := ours(v)
	if err != nil {
		return nil, err
	}
	done, err := s.room.Link(ctx, g.Asker(), v.Viewer.Organization, in.Ref, in.Body.Userid)
	return &linkedAnswer{waitingOf(done)}, err
}

func (s *sources) unlink(ctx context.Context, v *route.Visit, in *unlinkIdentityRequest) (*struct{}, error) {
	g, err := ours(v)
	if err != nil {
		return nil, err
	}
	return nil, s.room.Unlink(ctx, g.Asker(), v.Viewer.Organization, in.Name, in.Userid)
}
