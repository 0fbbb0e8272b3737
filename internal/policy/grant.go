package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Verdict is what the table says of a right. The greater is the better.
type Verdict int

// The verdicts.
const (
	Unseen  Verdict = iota // it is answered like what does not exist
	Refused                // it is there, and the asker may not do this
	Granted
)

// String is the verdict's name.
func (v Verdict) String() string { return [...]string{"unseen", "refused", "granted"}[v] }

// Asker is who asks, and what the table has to know of them.
type Asker struct {
	By    audit.By
	Roles Roles // a person's; read for the request where its right needs a role
	// Appointed says that the operator named their organization to review the
	// third-party apps of others.
	Appointed bool
	// Composes are the apps that they are a composer of, as they are installed in
	// their organization; nil for none.
	Composes *AppSet
}

// AppSet is some apps. It never changes; nil is the empty one.
type AppSet struct{ ids []int64 }

// NewAppSet returns the set of some apps.
func NewAppSet(ids ...int64) *AppSet {
	if len(ids) == 0 {
		return nil
	}
	return &AppSet{slices.Clone(ids)}
}

// holds reports whether an app is in the set; of what is no app, and of whatever app
// there may be, whether there is any.
func (s *AppSet) holds(app int64) bool {
	return s != nil && (app == 0 || app == AnyApp || slices.Contains(s.ids, app))
}

// Resource is what somebody asks about: an app, with all that is its, a person's own
// things, or what an organization has as a whole, such as its audit log.
type Resource struct {
	Organization int64 // whose it is
	App          int64 // 0 for what is no app
	ThirdParty   bool  // the app is one that other organizations may install
	// ReceivedBy is the organization of the installation that an app was named by.
	// It is the app's own for an internal app, 0 where no installation was named.
	ReceivedBy int64
	Person     audit.Actor // whose own it is; nobody for an app and for what is the whole organization's
}

// Own returns the resource that somebody is to themselves.
func Own(by audit.By) Resource { return Resource{Organization: by.Organization, Person: by.Actor} }

// Case is what must be read before it is known: it is asked about again under the
// lock. The zero Case is what everybody is judged by before anything was read.
type Case struct {
	TookPart bool // the asker wrote or submitted a part of the thing
	Draft    bool // the thing was never submitted
}

// Verdict reads the table.
func (a Asker) Verdict(right Right, of Resource, in Case) Verdict {
	who, from, kind, part, stage := a.who(), a.from(of), of.kind(), a.part(of, in), shown
	if in.Draft {
		stage = draft
	}
	best := Unseen
	for _, r := range table {
		if r.right == right && r.who&who != 0 && r.from&from != 0 && r.of&kind != 0 && r.part&part != 0 && r.stage&stage != 0 {
			best = max(best, r.verdict)
		}
	}
	return best
}

func (a Asker) who() Roles {
	switch {
	case a.By.IsOperator():
		return operator
	case a.By.IsPerson():
		return a.Roles | person
	default:
		return nobody
	}
}

func (a Asker) from(of Resource) column {
	if a.By.Organization == of.Organization && a.By.IsPerson() {
		return own
	}
	from := stranger
	if a.By.Organization == of.ReceivedBy && a.By.IsPerson() {
		from |= receiving
	}
	if a.Appointed {
		from |= appointed
	}
	return from
}

func (a Asker) part(of Resource, in Case) column {
	part := other
	switch {
	case !of.Person.IsNobody() && of.Person == a.By.Actor:
		part = self
	case in.TookPart:
		part = tookPart
	}
	switch {
	case !a.By.IsPerson() || !a.Composes.holds(of.App):
		return part
	case part == self:
		return part | composing
	default:
		return part | composer
	}
}

func (r Resource) kind() column {
	switch {
	case r.App == 0:
		return noApp
	case r.ThirdParty:
		return thirdParty
	default:
		return internal
	}
}

// AnyApp stands for whatever app there may be in a Resource.
const AnyApp = -1

// Anywhere reports whether somebody may have a right to any app of their organization
// at all. It is asked before apps are read.
func (a Asker) Anywhere(right Right) bool {
	ours := a.By.Organization
	return slices.ContainsFunc([]bool{false, true}, func(third bool) bool {
		return a.Verdict(right, Resource{Organization: ours, App: AnyApp, ThirdParty: third}, Case{}) == Granted
	})
}

// Pages returns the pages of the console that have something for somebody of an
// organization, in the order of its menu.
func (a Asker) Pages() []Page {
	ours := a.By.Organization
	all := []Resource{
		{Organization: ours},
		{Organization: ours, App: AnyApp},
		{Organization: ours, App: AnyApp, ThirdParty: true},
		{App: AnyApp},
		{App: AnyApp, ThirdParty: true}, // apps of other organizations
	}
	open := []Page{}
	for _, p := range pages {
		if slices.ContainsFunc(all, func(of Resource) bool { return a.Verdict(p.right, of, Case{}) == Granted }) {
			open = append(open, p.page)
		}
	}
	return open
}

// Opens reports whether a page has something for somebody.
func (a Asker) Opens(p Page) bool { return slices.Contains(a.Pages(), p) }

// Grant says that somebody has a right to something. Only Check makes one that is
// worth anything; methods that change things take it in place of who asks, and
// refuse one of another right.
type Grant struct {
	asker Asker
	right Right
	of    Resource
}

// Check asks the table for a right, before anything of the resource was read. Where
// it says Unseen the answer is unseen: that of a resource that does not exist. Where
// it refuses, the fault is CodePermissionDenied and says what the right takes. That
// nobody asks, or for no right, is an internal error: a mistake of ours.
func Check(a Asker, right Right, of Resource, unseen error) (Grant, error) {
	switch {
	case !slices.Contains(Rights(), right):
		return Grant{}, fmt.Errorf("policy: there is no right %q", right)
	case a.By.IsNobody() && right != Open:
		return Grant{}, fmt.Errorf("policy: nobody asks for %q", right)
	case unseen == nil:
		return Grant{}, fmt.Errorf("policy: nothing is said of what is unseen for %q", right)
	}
	switch a.Verdict(right, of, Case{}) {
	case Granted:
		return Grant{asker: a, right: right, of: of}, nil
	case Refused:
		return Grant{}, fault.New(fault.CodePermissionDenied, "%s", "this t"+strings.TrimPrefix(takes(right, of.kind()), "T"))
	default:
		return Grant{}, unseen
	}
}

// For reports, as an internal error, a Grant of another right, and one that Check
// has not made.
func (g Grant) For(right Right) error {
	switch {
	case g.right == "":
		return errors.New("policy: a grant that nobody has checked")
	case g.right != right:
		return fmt.Errorf("policy: a grant of %q where %q is needed", g.right, right)
	default:
		return nil
	}
}

// By returns who asks.
func (g Grant) By() audit.By { return g.asker.By }

// Asker returns who asks, with what the table knows of them.
func (g Grant) Asker() Asker { return g.asker }

// Resource returns what it is a right to.
func (g Grant) Resource() Resource { return g.of }

// Verdict asks the table again, with what has been read since.
func (g Grant) Verdict(in Case) Verdict { return g.asker.Verdict(g.right, g.of, in) }

// May reports whether the same person has another right to the same resource.
func (g Grant) May(right Right, in Case) bool { return g.asker.Verdict(right, g.of, in) == Granted }
