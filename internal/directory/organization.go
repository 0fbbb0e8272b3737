package directory

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// DefaultTimeZone is an organization's zone when none is given.
const DefaultTimeZone = "Asia/Shanghai"

// Organization is a tenant. DisabledAt is zero while it is enabled.
type Organization struct {
	ID           int64
	CorpID       string
	Name         string
	TimeZone     string
	Limits       policy.Limits
	TrustedHosts []string         // hosts whose links open without a warning, lower case
	Retention    policy.Retention // as decided; policy.UsualRetention for what is 0
	CreatedAt    time.Time
	DisabledAt   time.Time
	Contact      string // whom people ask who cannot sign in; may be empty
	// ReviewsOthers says that its reviewers decide on the templates of other
	// organizations' third-party apps.
	ReviewsOthers bool

	UnionSalt string // of the unionids that its apps know people by; never changes, and no answer has it
}

// NewOrganization describes an organization to be made. An empty CorpID gets a
// random one, an empty TimeZone is DefaultTimeZone, an empty Preset is
// policy.Standard.
type NewOrganization struct {
	CorpID   string
	Name     string
	TimeZone string
	Preset   string
}

// OrganizationChange says what to change; nil leaves a field as it is. The
// root department is renamed with the organization.
type OrganizationChange struct {
	Name         *string
	TimeZone     *string
	Limits       *policy.Limits
	TrustedHosts *[]string
	Retention    *policy.Retention
	Disabled     *bool
	Contact      *string // one line of at most MaxContact characters; empty for nobody

	ReviewsOthers *bool
}

// MaxContact is how many characters an organization's contact may have.
const MaxContact = 200

// build checks the description and fills in what was left out.
func (n NewOrganization) build(now time.Time) (Organization, error) {
	o := Organization{CorpID: n.CorpID, TimeZone: n.TimeZone, CreatedAt: milli(now), UnionSalt: newUnionSalt()}
	if o.TimeZone == "" {
		o.TimeZone = DefaultTimeZone
	}
	if o.CorpID == "" {
		o.CorpID = newCorpID()
	}
	preset := n.Preset
	if preset == "" {
		preset = policy.Standard
	}
	var err error
	if o.Limits, err = policy.ForPreset(preset, false); err != nil {
		return o, err
	}
	if o.Name, err = organizationName(n.Name); err != nil {
		return o, err
	}
	if err := checkText("corp_id", o.CorpID, 1, 64); err != nil {
		return o, err
	}
	if strings.ContainsFunc(o.CorpID, unicode.IsSpace) {
		return o, fault.New(fault.CodeParameterInvalid, "corp_id holds white space").WithField("corp_id")
	}
	return o, checkZone(o.TimeZone)
}

// root is the organization's first department.
func (o Organization) root() Department {
	return Department{ID: RootID, Name: o.Name, CreatedAt: o.CreatedAt}
}

// apply changes o, or says which field is wrong.
func (c OrganizationChange) apply(o *Organization, now time.Time) error {
	if c.Name != nil {
		name, err := organizationName(*c.Name)
		if err != nil {
			return err
		}
		o.Name = name
	}
	if c.TimeZone != nil {
		if err := checkZone(*c.TimeZone); err != nil {
			return err
		}
		o.TimeZone = *c.TimeZone
	}
	if c.TrustedHosts != nil {
		hosts, err := message.CleanTrustedHosts(*c.TrustedHosts)
		if err != nil {
			return err
		}
		o.TrustedHosts = hosts
	}
	if c.Limits != nil {
		if err := c.Limits.Check(); err != nil {
			return err
		}
		o.Limits = *c.Limits
	}
	if c.Retention != nil {
		if err := c.Retention.Check(); err != nil {
			return err
		}
		o.Retention = *c.Retention
	}
	if c.Contact != nil {
		contact := strings.TrimSpace(*c.Contact)
		if err := checkText("contact", contact, 0, MaxContact); err != nil {
			return err
		}
		o.Contact = contact
	}
	if c.ReviewsOthers != nil {
		o.ReviewsOthers = *c.ReviewsOthers
	}
	if c.Disabled != nil && *c.Disabled != !o.DisabledAt.IsZero() {
		o.DisabledAt = time.Time{}
		if *c.Disabled {
			o.DisabledAt = milli(now)
		}
	}
	return nil
}

// organizationName follows the rule of departments, since the root department
// carries it too.
func organizationName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if err := checkDepartmentName(name); err != nil {
		return "", fault.New(fault.CodeParameterInvalid, "the name must have 1 to 64 characters and none of - , ，").WithField("name")
	}
	return name, nil
}

func checkZone(name string) error {
	if name == "" || name == "Local" {
		return fault.New(fault.CodeParameterInvalid, "a time zone is needed, such as %s", DefaultTimeZone).WithField("time_zone")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return fault.New(fault.CodeParameterInvalid, "time zone is not known").WithField("time_zone").Because(err)
	}
	return nil
}

func newCorpID() string {
	var b [16]byte
	rand.Read(b[:])
	return "ding" + hex.EncodeToString(b[:])
}

// milli is a time as the store keeps it.
func milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
