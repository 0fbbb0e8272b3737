package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Composers are the people who may send by hand with an installation, beside those
// who manage its organization. People are kept by their ordinals: whoever gets the
// userid of somebody who has left is not one of them.
type Composers struct {
	DeptIDs  []int64 // with all below them; ascending
	Ordinals []uint32
}

// Composing is an installation that has composers.
type Composing struct {
	AgentID, AppID int64
	Composers      Composers
}

// ComposerStore reads who may send by hand.
type ComposerStore interface {
	// Composers returns the installations of an organization that have composers.
	Composers(ctx context.Context, organization int64) ([]Composing, error)
}

// mostComposers is how many departments, and how many people, a list may name.
const mostComposers = 1000

func (c Composers) clean() (Composers, error) {
	for _, list := range []struct {
		field string
		n     int
	}{{"composers.dept_ids", len(c.DeptIDs)}, {"composers.userids", len(c.Ordinals)}} {
		if list.n > mostComposers {
			return c, fault.New(fault.CodeParameterInvalid, "%s has %d entries; the limit is %d", list.field, list.n, mostComposers).
				WithField(list.field).WithLimit(mostComposers, int64(list.n))
		}
	}
	for _, id := range c.DeptIDs {
		if id < 1 {
			return c, fault.New(fault.CodeParameterInvalid, "a department id is 1 or more").WithField("composers.dept_ids")
		}
	}
	return Composers{sorted(c.DeptIDs), sorted(c.Ordinals)}, nil
}

// details is a list without anybody in it: the log stays when people are erased.
func (c Composers) details() audit.Details {
	return audit.Details{"departments": c.DeptIDs, "people": len(c.Ordinals)}
}

// SetComposers changes who may send by hand with an installation. Fails with
// CodeAgentUnknown and CodeParameterInvalid.
func (s *Service) SetComposers(ctx context.Context, by audit.By, organization, agentID int64, c Composers) error {
	c, err := c.clean()
	if err != nil {
		return err
	}
	return s.changeAgent(ctx, s.entry(by, organization, audit.ComposersSave, c.details()), agentID, false, func(g *Agent) { g.Composers = c })
}

// Composes returns the apps that somebody is a composer of, as they are installed in
// their organization; nil for none. Most answers come from memory.
func (s *Service) Composes(ctx context.Context, organization int64, ordinal uint32) (*policy.AppSet, error) {
	lists, err := s.callers.composers(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.Composes: %w", err)
	}
	var apps []int64
	for _, one := range lists {
		is := slices.Contains(one.Composers.Ordinals, ordinal)
		if !is && len(one.Composers.DeptIDs) > 0 {
			if is, err = s.directory.InDepartments(ctx, organization, ordinal, one.Composers.DeptIDs); err != nil {
				return nil, fmt.Errorf("app.Composes: %w", err)
			}
		}
		if is {
			apps = append(apps, one.AppID)
		}
	}
	return policy.NewAppSet(apps...), nil
}
