package review

import (
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/template"
)

// State is how far a version, or a template, has come.
type State string

// The states. A version is never Disabled. A template is Withdrawn where the draft
// that followed was discarded.
const (
	Draft     State = "draft"
	InReview  State = "in_review"
	Approved  State = "approved"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Disabled  State = "disabled"
)

// Template is a form of an app's messages and what has become of it.
type Template struct {
	Organization int64 // the app's
	AppID        int64
	ID           string // 32 lower-case hexadecimal digits
	CreatedAt    time.Time
	Live         int       // the version that is sent; 0 before the first was approved
	DisabledAt   time.Time // zero while it is not
	Edition      int       // of the last save, in whichever draft
	ThirdParty   bool      // whether its app is one that other organizations may install
	Newest       Version
}

// Version is one wording of a template.
type Version struct {
	Number  int // from 1
	State   State
	Form    template.Form
	Edition int           // grows with every save, through all versions of the template
	Authors []audit.Actor // who wrote what nobody has approved yet; whoever saved last is the last

	CreatedAt, SavedAt time.Time
	SubmittedAt        time.Time // zero for a draft
	SubmittedBy        audit.Actor
	DecidedAt          time.Time // zero unless approved or rejected
	DecidedBy          audit.Actor
	Reason             string // of a rejection
}

// State is the newest version's, or Disabled when that is approved and the
// template is out of use.
func (t *Template) State() State {
	if t.Newest.State == Approved && !t.DisabledAt.IsZero() {
		return Disabled
	}
	return t.Newest.State
}

// Enabled reports whether the template is sent.
func (t *Template) Enabled() bool { return t.Live > 0 && t.DisabledAt.IsZero() }

// next is the draft that follows the newest version, of its form. Whoever wrote
// what was not approved has a part in it still.
func (t *Template) next(at time.Time) Version {
	v := Version{Number: t.Newest.Number + 1, State: Draft, Form: t.Newest.Form, Edition: t.nextEdition(), CreatedAt: at, SavedAt: at}
	if t.Newest.State != Approved {
		v.Authors = slices.Clone(t.Newest.Authors)
	}
	return v
}

// nextEdition is one that no draft of the template had, nor one that was discarded:
// whoever has read another draft changes none that they have not read.
func (t *Template) nextEdition() int {
	t.Edition = max(t.Edition, t.Newest.Edition) + 1
	return t.Edition
}

// neverSubmitted reports whether only its authors have had to do with a template.
func (t *Template) neverSubmitted() bool { return t.Newest.State == Draft && t.Newest.Number == 1 }

// wrote makes a person the last of a version's authors.
func (v *Version) wrote(p audit.Actor) {
	others := slices.DeleteFunc(slices.Clone(v.Authors), func(a audit.Actor) bool { return a == p })
	v.Authors = append(others, p)
}

// TookPart reports whether a person wrote a part of a version or submitted it,
// and so cannot review it.
func (v *Version) TookPart(p audit.Actor) bool {
	return slices.Contains(v.Authors, p) || v.SubmittedBy == p && !v.SubmittedAt.IsZero()
}

// Submitted reports whether anybody but its authors may see a version.
func (v *Version) Submitted() bool { return v.State != Draft }
