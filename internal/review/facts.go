package review

import (
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// Facts is what a reviewer has to know of a version beside its text: what is new in
// it since the live version, and where its links lead.
type Facts struct {
	Against int // the live version; 0 when there is none, and all is new
	Changes int // fields that differ from the live version's
	Hosts   []Host
	// Parameters are those that decide where a link leads.
	Parameters     []ParameterHosts
	Added, Removed []string // parameters that are described
}

// Host is a host that links lead to, as template.Leads writes it. New says that the
// live version has it not, of a parameter: not for that parameter.
type Host struct {
	Name string
	New  bool
}

// ParameterHosts is where links may lead that a parameter decides; without hosts
// anywhere.
type ParameterHosts struct {
	Parameter string
	Hosts     []Host
}

// Facts returns what there is to know of a version. Fails as Version.
func (s *Service) Facts(ctx context.Context, g policy.Grant, id string, number int) (Facts, error) {
	after, err := s.Version(ctx, g, id, number)
	if err != nil {
		return Facts{}, err
	}
	t, err := s.template(ctx, g, id)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Against: t.Live}
	var before template.Form
	if t.Live > 0 {
		live, err := s.Version(ctx, g, id, t.Live)
		if err != nil {
			return Facts{}, err
		}
		before = live.Form
		f.Changes = len(template.Difference(&before, &after.Form))
	}
	f.leads(template.LeadsTo(before), template.LeadsTo(after.Form))
	f.Added, f.Removed = missing(after.Form, before), missing(before, after.Form)
	return f, nil
}

func (f *Facts) leads(before, after template.Leads) {
	f.Hosts = hosts(after.Hosts, before.Hosts)
	for _, p := range after.Parameters {
		var listed []string
		if i := slices.IndexFunc(before.Parameters, func(b template.ParameterHosts) bool { return b.Name == p.Name }); i >= 0 {
			listed = before.Parameters[i].Hosts
		}
		f.Parameters = append(f.Parameters, ParameterHosts{p.Name, hosts(p.Hosts, listed)})
	}
}

func hosts(now, before []string) []Host {
	list := make([]Host, len(now))
	for i, name := range now {
		list[i] = Host{name, !slices.Contains(before, name)}
	}
	return list
}

// missing returns the parameters that one form describes and another does not.
func missing(of, in template.Form) (names []string) {
	for _, p := range of.Parameters {
		if !slices.ContainsFunc(in.Parameters, func(q template.Parameter) bool { return q.Name == p.Name }) {
			names = append(names, p.Name)
		}
	}
	return names
}
