package rest

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// secretRoom keeps apps' secrets.
type secretRoom interface {
	Secrets(ctx context.Context, organization, appID int64) ([]app.Secret, error)
	// AddSecret fails with CodeConflict where as many as can be are active.
	AddSecret(ctx context.Context, by audit.By, organization, appID int64) (app.Secret, string, error)
	// EndSecret fails with CodeNotFound.
	EndSecret(ctx context.Context, by audit.By, organization, appID, secretID int64) error
	// TicketAge fails with CodeAppUnknown for an app that is not a third-party one.
	TicketAge(ctx context.Context, provider, appID int64) (app.TicketAge, error)
}

// Nodes are the servers of the installation.
type Nodes interface {
	// Followed waits until every server that runs works with what was committed
	// before, and reports whether it does: false after some seconds, and where that
	// cannot be known.
	Followed(ctx context.Context) bool
}

// secrets is the secrets of apps.
type secrets struct {
	apps  *apps
	room  secretRoom
	nodes Nodes
}

const (
	secretsPath = appPath + "/secrets"

	listSecretsText = "Without their values, which nobody can read again; ended ones too, oldest first. Of a third-party app, how old its suite ticket is, too."
	addSecretText   = "Two may be active at the same time, so that programs move from one to the other without a pause: conflict where two are. " +
		"The value is shown in this answer and never again."
	endSecretText = "It and every access token that was taken with it are refused from then on. The answer waits until every server refuses them. " +
		"Ending it again changes nothing."
)

func (s *secrets) routes(r route.Table) {
	route.JSON(r, route.Get("listSecrets", secretsPath, "List the secrets of an app", listSecretsText), policy.AppsWrite, s.list)
	route.JSON(r, route.Created(route.Post("addSecret", secretsPath, "Add a secret to an app", addSecretText)), policy.AppsWrite, s.add)
	route.JSON(r, route.Post("endSecret", secretsPath+"/{secret_id}/end", "End a secret of an app", endSecretText), policy.AppsWrite, s.end)
}

// SecretList is the answer of listSecrets.
type SecretList struct {
	Items       []Secret     `json:"items" doc:"The secrets."`
	SuiteTicket *SuiteTicket `json:"suite_ticket" doc:"The suite ticket of a third-party app; null for an internal app."`
}

// SuiteTicket is the newest suite ticket of a third-party app, without its value.
type SuiteTicket struct {
	CreatedAt  time.Time `json:"created_at" doc:"When it was made. It is accepted until there is a newer one."`
	AcceptsAny bool      `json:"accepts_any" doc:"Whether any other ticket is accepted as well, for tests."`
}

// Secret is a secret of an app, without its value.
type Secret struct {
	SecretID   string     `json:"secret_id" doc:"Its id."`
	CreatedAt  time.Time  `json:"created_at" doc:"When it was made."`
	CreatedBy  *Person    `json:"created_by" doc:"Who made it; null where the operator did, and where nobody noted it."`
	LastUsedAt *time.Time `json:"last_used_at" doc:"When a program last took a token with it, up to a minute late; null where none did or nobody noted it."`
	EndedAt    *time.Time `json:"ended_at" doc:"When it was ended; null while it is active."`
}

// AddedSecret is the answer of addSecret.
type AddedSecret struct {
	Secret
	Value string `json:"secret" doc:"With the app_key it gives access tokens. It is never shown again."`
}

// EndedSecret is the answer of endSecret.
type EndedSecret struct {
	Secret
	InForce bool `json:"in_force" doc:"Whether every server refuses it by now. False where one could not be asked: it refuses it once it reaches the database."`
}

type secretsAnswer struct{ Body SecretList }

func (s *secrets) list(ctx context.Context, v *route.Visit, in *AppPath) (*secretsAnswer, error) {
	k, err := s.apps.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	all, err := s.room.Secrets(ctx, k.App.Organization, k.App.ID)
	if err != nil {
		return nil, err
	}
	items, err := s.tell(ctx, v, all)
	if err != nil {
		return nil, err
	}
	ticket, err := s.ticket(ctx, k.App)
	return &secretsAnswer{SecretList{items, ticket}}, err
}

// ticket is the suite ticket of an app; nil for one that needs none.
func (s *secrets) ticket(ctx context.Context, of app.App) (*SuiteTicket, error) {
	if of.Kind != app.ThirdParty {
		return nil, nil
	}
	age, err := s.room.TicketAge(ctx, of.Organization, of.ID)
	return &SuiteTicket{age.Since, age.Any}, err
}

// tell writes secrets as they are.
func (s *secrets) tell(ctx context.Context, v *route.Visit, all []app.Secret) ([]Secret, error) {
	makers := introduced{people: s.apps.people, organizations: s.apps.organizations, organization: v.Viewer.Organization}
	for _, one := range all {
		makers.person(one.CreatedBy)
	}
	if err := makers.introduce(ctx); err != nil {
		return nil, err
	}
	items := make([]Secret, 0, len(all))
	for _, one := range all {
		item := Secret{
			SecretID: strconv.FormatInt(one.ID, 10), CreatedAt: one.CreatedAt, LastUsedAt: moment(one.LastUsedAt), EndedAt: moment(one.EndedAt),
		}
		if one.CreatedBy.IsPerson() {
			person := makers.known[one.CreatedBy]
			item.CreatedBy = &person
		}
		items = append(items, item)
	}
	return items, nil
}

type addedSecretAnswer struct{ Body AddedSecret }

func (s *secrets) add(ctx context.Context, v *route.Visit, in *AppPath) (*addedSecretAnswer, error) {
	k, err := s.apps.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	made, value, err := s.room.AddSecret(ctx, v.Asker.By, k.App.Organization, k.App.ID)
	if err != nil {
		return nil, err
	}
	items, err := s.tell(ctx, v, []app.Secret{made})
	if err != nil {
		return nil, err
	}
	return &addedSecretAnswer{AddedSecret{items[0], value}}, nil
}

// SecretPath is the part of a path that names a secret.
type SecretPath struct {
	AppPath
	SecretID string `path:"secret_id" doc:"The secret, as listSecrets tells it."`
}

type endedSecretAnswer struct{ Body EndedSecret }

func (s *secrets) end(ctx context.Context, v *route.Visit, in *SecretPath) (*endedSecretAnswer, error) {
	k, err := s.apps.at(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseInt(in.SecretID, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != in.SecretID {
		return nil, fault.New(fault.CodeNotFound, "the app has no such secret").WithField("secret_id")
	}
	if err := s.room.EndSecret(ctx, v.Asker.By, k.App.Organization, k.App.ID, id); err != nil {
		return nil, err
	}
	inForce := s.nodes.Followed(ctx)
	all, err := s.room.Secrets(ctx, k.App.Organization, k.App.ID)
	if err != nil {
		return nil, err
	}
	items, err := s.tell(ctx, v, slices.DeleteFunc(all, func(one app.Secret) bool { return one.ID != id }))
	if err != nil {
		return nil, err
	}
	return &endedSecretAnswer{EndedSecret{items[0], inForce}}, nil
}
