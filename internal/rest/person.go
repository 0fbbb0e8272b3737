package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// Person is the operator, somebody of the asker's organization, or with neither
// userid nor name somebody of another one.
type Person struct {
	Userid           string `json:"userid" doc:"The person, unique in their organization. Those whose data was erased have a stand-in. Empty for the operator and for people of other organizations than the asker's."`
	Name             string `json:"name" doc:"The person's name; empty for the operator and for people of other organizations than the asker's."`
	CorpID           string `json:"corp_id" doc:"The person's organization; empty for the operator."`
	OrganizationName string `json:"organization_name" doc:"The organization's name; empty for the operator."`
	Operator         bool   `json:"operator" doc:"It is nobody of an organization, but whoever runs the server."`
}

// introduced is the people of an answer: first it meets all of them, then it looks
// them up, an organization at a time, then it is asked who they are.
type introduced struct {
	people interface {
		// PeopleByOrdinal knows departed people too.
		PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error)
	}
	organizations route.Organizations
	organization  int64              // the asker's: people of others have no names
	met           map[int64][]uint32 // ordinals by organization
	known         map[audit.Actor]Person
}

// person meets somebody. Apps are nobody.
func (w *introduced) person(all ...audit.Actor) {
	if w.met == nil {
		w.met, w.known = map[int64][]uint32{}, map[audit.Actor]Person{{}: {}, audit.Operator(): {Operator: true}}
	}
	for _, p := range all {
		if _, again := w.known[p]; !again && p.IsPerson() {
			w.known[p] = Person{}
			w.met[p.Organization] = append(w.met[p.Organization], p.Ordinal)
		}
	}
}

// introduce looks up everybody met.
func (w *introduced) introduce(ctx context.Context) error {
	for organization, ordinals := range w.met {
		o, err := w.organizations.Organization(ctx, organization)
		if err != nil {
			return err
		}
		var people map[uint32]directory.User
		if organization == w.organization {
			if people, err = w.people.PeopleByOrdinal(ctx, organization, ordinals); err != nil {
				return err
			}
		}
		for _, ordinal := range ordinals {
			u := people[ordinal]
			w.known[audit.Person(organization, ordinal)] = Person{
				Userid: u.Userid, Name: u.Name, CorpID: o.CorpID, OrganizationName: o.Name,
			}
		}
	}
	return nil
}
