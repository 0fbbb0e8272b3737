package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/signin"
)

type sourceCmd struct {
	Create  sourceCreateCmd  `cmd:"" help:"Make a source, a draft, of a JSON file: {\"name\", \"kind\", \"settings\": {}, \"secret\", \"session_days\"}."`
	List    sourceListCmd    `cmd:"" help:"List the sources."`
	Show    sourceShowCmd    `cmd:"" help:"Show a source, without its secret."`
	Update  sourceUpdateCmd  `cmd:"" help:"Change a source as a JSON file says. With other settings it is a draft again."`
	Test    sourceTestCmd    `cmd:"" help:"Try to reach what a source names, without signing anybody in."`
	Enable  sourceEnableCmd  `cmd:"" help:"Let people sign in with a source."`
	Disable sourceDisableCmd `cmd:"" help:"Stop that, and end the sessions that it has begun."`

	Waiting sourceWaitingCmd `cmd:"" help:"List the accounts that somebody has signed in with and that are nobody's here."`
	Link    sourceLinkCmd    `cmd:"" help:"Make an account that waits a user's."`
	Unlink  sourceUnlinkCmd  `cmd:"" help:"Take a user's account of a source away, and end the sessions begun with it."`
}

// sourceView is a source as the operator sees it.
type sourceView struct {
	Source      string          `json:"source"`
	Name        string          `json:"name"`
	Kind        string          `json:"kind"`
	State       signin.State    `json:"state"`
	Settings    json.RawMessage `json:"settings"`
	HasSecret   bool            `json:"has_secret"`
	SessionDays int             `json:"session_days"`
	ByOperator  bool            `json:"by_operator"`
	RedirectURI string          `json:"redirect_uri"`
	TestedAt    *time.Time      `json:"tested_at,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
	Identities  int             `json:"identities"`
	Waiting     int             `json:"waiting"`
}

// source shows one of an organization.
func (s *session) source(o directory.Organization, name string) (v sourceView, err error) {
	d, err := s.rooms.Sources.Named(s.ctx, o.ID, name)
	if err != nil {
		return v, noSource(err, name)
	}
	base, err := s.address()
	return sourceView{
		Source: d.ID, Name: d.Name, Kind: d.Kind, State: d.State, Settings: d.Settings, HasSecret: d.HasSecret, SessionDays: d.SessionDays, ByOperator: d.ByOperator,
		RedirectURI: base + signin.CallbackPath(d.ID), TestedAt: some(d.TestedAt), CreatedAt: d.CreatedAt, Identities: d.Identities, Waiting: d.Counts.Waiting,
	}, err
}

// noSource says which source is not there.
func noSource(err error, name string) error {
	if fault.Is(err, fault.CodeNotFound) {
		return fault.New(fault.CodeNotFound, "there is no sign-in source %q; tidings admin sign-in list names them", name)
	}
	return err
}

// wrongSource is how a source that cannot be is told: as a mistake in what was typed.
func wrongSource(err error) error {
	if f := fault.From(err); f != nil && f.Kind == fault.Invalid {
		text := f.Text
		if f.Field != "" {
			text = f.Field + ": " + text
		}
		return usageError{errors.New(text)}
	}
	return err
}

// sourceFile is what a file says of a source.
type sourceFile struct {
	Name        string          `json:"name"`
	Kind        string          `json:"kind"`
	Settings    json.RawMessage `json:"settings"`
	Secret      *string         `json:"secret"`
	SessionDays int             `json:"session_days"`
}

// sourceInput names the files that a source is made of.
type sourceInput struct {
	File       string `arg:"" help:"The JSON file; - for standard input."`
	SecretFile string `name:"secret-file" placeholder:"FILE" help:"File with the source's secret alone, in the place of secret in FILE; - for standard input."`
}

// read reads them.
func (c *sourceInput) read(s *session) (in signin.Input, err error) {
	if c.File == "-" && c.SecretFile == "-" {
		return in, usageError{errors.New("standard input is read once: name a file with FILE or --secret-file")}
	}
	text, err := readInput(s.in, c.File)
	if err != nil {
		return in, err
	}
	var f sourceFile
	from := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	from.DisallowUnknownFields()
	if err := from.Decode(&f); err != nil {
		return in, usageError{fmt.Errorf("%s is no JSON object with name, kind, settings, secret and session_days: %w", c.File, err)}
	}
	if _, err := from.Token(); err != io.EOF {
		return in, usageError{fmt.Errorf("%s: there is something behind the object", c.File)}
	}
	if c.SecretFile != "" {
		text, err := readInput(s.in, c.SecretFile)
		if err != nil {
			return in, err
		}
		secret := strings.TrimRight(string(text), "\r\n")
		f.Secret = &secret
	}
	return signin.Input{Name: f.Name, Kind: f.Kind, Settings: f.Settings, Secret: f.Secret, SessionDays: f.SessionDays}, nil
}

// readInput reads a small file, or standard input for "-".
func readInput(stdin io.Reader, name string) ([]byte, error) {
	const limit = 64 << 10
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	return io.ReadAll(io.LimitReader(in, limit))
}

type sourceCreateCmd struct{ sourceInput }

func (c *sourceCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		in, err := c.read(s)
		if err != nil {
			return err
		}
		src, err := s.rooms.Sources.Create(s.ctx, audit.ByOperator(), o.ID, in)
		if err != nil {
			return wrongSource(err)
		}
		v, err := s.source(o, src.Name)
		if err != nil {
			return err
		}
		return s.done(v, "created %s, a draft. Enter this at the provider as redirect URI:\n%s", src.Name, v.RedirectURI)
	})
}

type sourceListCmd struct{}

func (c *sourceListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Sources.Sources(s.ctx, o.ID)
		if err != nil {
			return err
		}
		views, rows := []sourceView{}, [][]string{}
		for _, src := range all {
			v, err := s.source(o, src.Name)
			if err != nil {
				return err
			}
			views = append(views, v)
			rows = append(rows, []string{v.Name, v.Kind, string(v.State), instant(src.TestedAt), fmt.Sprint(v.Identities), fmt.Sprint(v.Waiting)})
		}
		return s.show(views, func() { table(s.out, []string{"NAME", "KIND", "STATE", "TRIED (UTC)", "LINKED", "WAITING"}, rows) })
	})
}

type sourceArg struct {
	Name string `arg:"" help:"The source, as sign-in list names it."`
}

type sourceShowCmd struct{ sourceArg }

func (c *sourceShowCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		v, err := s.source(o, c.Name)
		if err != nil {
			return err
		}
		tested := ""
		if v.TestedAt != nil {
			tested = instant(*v.TestedAt)
		}
		rows := [][]string{
			{"kind", v.Kind},
			{"state", string(v.State)},
			{"settings", string(v.Settings)},
			{"secret", yesNo(v.HasSecret)},
			{"session days", fmt.Sprint(v.SessionDays)},
			{"named by the operator", yesNo(v.ByOperator)},
			{"redirect URI", v.RedirectURI},
			{"tried", tested},
			{"linked", fmt.Sprint(v.Identities)},
			{"waiting", fmt.Sprint(v.Waiting)},
		}
		return s.show(v, func() { table(s.out, []string{"SOURCE", v.Name}, rows) })
	})
}

type sourceUpdateCmd struct {
	sourceArg
	sourceInput
}

func (c *sourceUpdateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		in, err := c.read(s)
		if err != nil {
			return err
		}
		if in.Name == "" {
			in.Name = c.Name
		}
		src, err := s.rooms.Sources.Update(s.ctx, audit.ByOperator(), o.ID, c.Name, 0, in)
		if err != nil {
			return wrongSource(noSource(err, c.Name))
		}
		v, err := s.source(o, src.Name)
		if err != nil {
			return err
		}
		text := "changed %s"
		if src.State == signin.Draft {
			text += ", which nobody signs in with until it was tried and is enabled"
		}
		return s.done(v, text, src.Name)
	})
}
