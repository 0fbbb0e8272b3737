package template

import (
	"slices"
	"strings"
)

// Leads is where the links of a form lead, for whoever reviews it.
type Leads struct {
	// Hosts are where links lead whatever the values are, and where the picture comes
	// from: example.com, example.com:8443, or with http:// before it without encryption.
	Hosts []string
	// Parameters are those that decide where a link leads, with the hosts that are
	// listed for them; none for one that could lead anywhere, which Lint finds.
	Parameters []ParameterHosts
}

// ParameterHosts is where links may lead that a parameter decides.
type ParameterHosts struct {
	Name  string
	Hosts []string
}

// LeadsTo returns where the links of a form lead, in the order of its fields, each
// host and parameter once. What Lint would not read is left out.
func LeadsTo(f Form) Leads {
	var all Leads
	for _, l := range NewSketch(f).layouts {
		for _, t := range l.targets {
			all.add(t, f.Parameters)
		}
		if l.path == "image" {
			all.add(newTarget([]part{{text: l.text}}, 0), nil)
		}
	}
	return all
}

func (a *Leads) add(t *target, described []Parameter) {
	if t.decided() {
		a.decided(t, described)
		return
	}
	for _, host := range t.hosts {
		host = strings.TrimPrefix(host, "https://")
		if !slices.Contains(a.Hosts, host) {
			a.Hosts = append(a.Hosts, host)
		}
	}
}

// decided adds the parameters of a link that list hosts; all of them when none does.
func (a *Leads) decided(t *target, described []Parameter) {
	var listing, others []ParameterHosts
	for _, p := range t.parts {
		if p.name == "" {
			continue
		}
		i := slices.IndexFunc(described, func(d Parameter) bool { return d.Name == p.name })
		if i >= 0 && len(described[i].Hosts) > 0 {
			listing = append(listing, ParameterHosts{p.name, described[i].Hosts})
		} else {
			others = append(others, ParameterHosts{Name: p.name})
		}
	}
	if len(listing) == 0 {
		listing = others
	}
	for _, p := range listing {
		if !slices.ContainsFunc(a.Parameters, func(known ParameterHosts) bool { return known.Name == p.Name }) {
			a.Parameters = append(a.Parameters, p)
		}
	}
}
