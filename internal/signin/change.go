package signin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
)

const (
	maxSources = 50       // of an organization
	maxName    = 50       // characters
	maxSecret  = 1 << 10  // bytes
	maxSetting = 16 << 10 // bytes, of all settings
)

// Input is what somebody says who sets a source up.
type Input struct {
	Name        string
	Kind        string // of a source that is there the one that it has, or ""
	Settings    json.RawMessage
	SessionDays int     // 0 for DefaultSessionDays, or what the source has
	Secret      *string // nil for none, or the one that the source has
}

// clean checks everything but the settings.
func (in *Input) clean() error {
	in.Name = norm.NFC.String(strings.TrimSpace(in.Name))
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0 || n > maxName || !utf8.ValidString(in.Name) || strings.ContainsFunc(in.Name, unicode.IsControl):
		return fault.New(fault.CodeParameterInvalid, "the name of a sign-in source has 1 to %d visible characters", maxName).WithField("name")
	case strings.ContainsAny(in.Name, `/\`) || in.Name == "." || in.Name == "..":
		return fault.New(fault.CodeParameterInvalid, `the name of a sign-in source is part of an address: it has no / and no \`).WithField("name")
	case in.SessionDays < 0 || in.SessionDays > MaxSessionDays:
		return fault.New(fault.CodeParameterInvalid, "a session lasts 1 to %d days", MaxSessionDays).WithField("session_days")
	case len(in.Settings) > maxSetting:
		return fault.New(fault.CodeParameterInvalid, "the settings have %d bytes at most", maxSetting).WithField("settings")
	case in.Secret != nil && (len(*in.Secret) > maxSecret || !utf8.ValidString(*in.Secret) || strings.ContainsFunc(*in.Secret, unicode.IsControl)):
		return fault.New(fault.CodeParameterInvalid, "a secret has up to %d visible characters", maxSecret).WithField("secret")
	}
	return nil
}

// Create makes a source, which is a draft until somebody has tried it and turns it on. It
// fails with CodeParameterInvalid or CodeParameterMissing for what cannot be, and with
// CodeConflict for a name that another source has, or where there are too many.
func (s *Service) Create(ctx context.Context, by audit.By, organization int64, in Input) (Source, error) {
	p, err := s.provider(in.Kind)
	if err == nil {
		err = in.clean()
	}
	if err != nil {
		return Source{}, err
	}
	operator := by.IsOperator()
	settings, err := p.Check(in.Settings, operator)
	if err != nil {
		return Source{}, err
	}
	all, err := s.deps.Store.Sources(ctx, organization)
	if err != nil {
		return Source{}, err
	}
	if len(all) >= maxSources {
		return Source{}, fault.New(fault.CodeConflict, "there are %d sign-in sources already", len(all)).WithLimit(maxSources, int64(len(all)+1))
	}
	src := StoredSource{Source: Source{
		Organization: organization, ID: NewID(organization), Kind: in.Kind, Name: in.Name, State: Draft, Settings: settings,
		SessionDays: in.SessionDays, ByOperator: operator, Edition: 1, CreatedAt: s.at(),
	}}
	if src.SessionDays == 0 {
		src.SessionDays = DefaultSessionDays
	}
	secret := ""
	if in.Secret != nil {
		secret = *in.Secret
	}
	e := s.entry(by, src.Source, audit.SourceCreate, audit.Details{"kind": src.Kind, "by_operator": operator})
	err = s.sealed(src.Row(), secret, func(sealed masterkey.Sealed) error {
		src.Secret = sealed
		return s.deps.Store.CreateSource(ctx, src, e)
	})
	if err != nil {
		return Source{}, fmt.Errorf("signin.Create: %w", err)
	}
	return src.Source, nil
}

// Update changes a source. With other settings it is a draft again, until somebody has
// tried these; sessions go on. Edition is the one that was read, 0 for whichever there is. What the
// operator has named loses its privilege when somebody else changes the settings. It
// fails as Create does, with CodeNotFound, and with CodeConflict for another edition, or
// for a setting that may not change since people are linked by the source.
func (s *Service) Update(ctx context.Context, by audit.By, organization int64, name string, edition int64, in Input) (Source, error) {
	is, err := s.deps.Store.SourceNamed(ctx, organization, name)
	if err != nil {
		return Source{}, err
	}
	p, err := s.provider(is.Kind)
	if err == nil {
		err = in.clean()
	}
	if err != nil {
		return Source{}, err
	}
	if in.Kind != "" && in.Kind != is.Kind {
		return Source{}, fault.New(fault.CodeParameterInvalid, "the kind of a sign-in source cannot change: make another one").WithField("kind")
	}
	operator := by.IsOperator()
	settings, err := p.Check(in.Settings, operator)
	if err != nil {
		return Source{}, err
	}
	var done Source
	save := func(secret *masterkey.Sealed) error {
		_, err := s.deps.Store.ChangeSource(ctx, organization, is.ID, func(is StoredSource, c Counts) (StoredSource, bool, []audit.Entry, error) {
			if edition != 0 && edition != is.Edition {
				return is, false, nil, fault.New(fault.CodeConflict, "somebody else has changed the sign-in source meanwhile").WithField("edition")
			}
			to, err := changed(p, is, c, in, settings, operator)
			if secret != nil {
				to.Secret = *secret
			}
			done = to.Source
			details := audit.Details{"settings": !bytes.Equal(is.Settings, settings), "secret": secret != nil, "by_operator": to.ByOperator}
			return to, false, []audit.Entry{s.entry(by, to.Source, audit.SourceSave, details)}, err
		})
		return err
	}
	if in.Secret == nil {
		err = save(nil)
	} else {
		err = s.sealed(is.Row(), *in.Secret, func(sealed masterkey.Sealed) error { return save(&sealed) })
	}
	if err != nil {
		return Source{}, fmt.Errorf("signin.Update: %w", err)
	}
	return done, nil
}

// changed is a source as it shall be.
func changed(p Provider, is StoredSource, c Counts, in Input, settings json.RawMessage, operator bool) (StoredSource, error) {
	if c.Identities > 0 {
		if field := p.Fixed(is.Settings, settings); field != "" {
			return is, fault.New(fault.CodeConflict, "%s cannot change: %d people are linked by this source, and their accounts could be others' then. Make another source", field, c.Identities).
				WithField("settings." + field)
		}
	}
	to := is
	to.Name, to.Settings, to.Edition = in.Name, settings, is.Edition+1
	if in.SessionDays != 0 {
		to.SessionDays = in.SessionDays
	}
	switch {
	case operator:
		to.ByOperator = true
	case !bytes.Equal(is.Settings, settings):
		to.ByOperator = false
	}
	if !bytes.Equal(is.Settings, settings) {
		to.TestedAt, to.State = zero, Draft
	}
	return to, nil
}
