package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type signInLinkCmd struct {
	Userid string   `arg:"" optional:"" help:"Whom the link signs in."`
	All    bool     `name:"all" help:"Make a link for every active user."`
	Dept   string   `name:"dept" placeholder:"DEPT" help:"Make a link for every active user of a department and of those below it, by id, name or path."`
	File   string   `name:"file" placeholder:"FILE" help:"Make a link for each userid in a file with one userid a line; - reads standard input."`
	Life   lifetime `name:"life" placeholder:"DURATION" default:"24h" help:"How long the link works, such as 7d or 36h; the limit is 7d."`
	Format string   `name:"format" enum:"csv,json" default:"csv" help:"csv or json, with --all, --dept or --file."`
	Out    string   `name:"out" placeholder:"FILE" help:"With --all, --dept or --file: write the links into this new file, which only its owner can read."`
}

type signInLinkView struct {
	Userid    string    `json:"userid"`
	Name      string    `json:"name,omitempty"`
	Email     string    `json:"email,omitempty"`
	SignInURL string    `json:"sign_in_url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (c *signInLinkCmd) Run(e *environment) error {
	ways := 0
	for _, said := range []bool{c.Userid != "", c.All, c.Dept != "", c.File != ""} {
		if said {
			ways++
		}
	}
	if ways != 1 {
		return usageError{errors.New("sign-in-link takes one of these: a userid, --all, --dept or --file")}
	}
	if c.Userid != "" && c.Out != "" {
		return usageError{errors.New("--out goes with --all, --dept or --file")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		base, err := s.address()
		if err != nil {
			return err
		}
		if c.Userid == "" {
			return c.many(s, o, base)
		}
		if _, err := s.ordinal(o, c.Userid); err != nil {
			return err
		}
		expires := clock().Add(time.Duration(c.Life)).UTC().Truncate(time.Second)
		value, err := s.rooms.Accounts.CreateSignInLink(s.ctx, audit.ByOperator(), o.ID, c.Userid, time.Duration(c.Life), false)
		if err != nil {
			return err
		}
		view := signInLinkView{Userid: c.Userid, SignInURL: account.SignInURL(base, value), ExpiresAt: expires}
		return s.done(view, "sign-in link of %s, which works once, until %s\n%s", c.Userid, expires.Format(time.RFC3339), view.SignInURL)
	})
}

// many makes links for many people. Disabled ones get none and are named.
func (c *signInLinkCmd) many(s *session, o directory.Organization, base string) error {
	people, disabled, err := c.people(s, o)
	if err != nil {
		return err
	}
	out, err := c.output(s)
	if err != nil {
		return err
	}
	ordinals := make([]uint32, 0, len(people))
	for ordinal := range people {
		ordinals = append(ordinals, ordinal)
	}
	expires := clock().Add(time.Duration(c.Life)).UTC().Truncate(time.Second)
	made := 0
	left, err := s.rooms.Accounts.CreateSignInLinks(s.ctx, audit.ByOperator(), o.ID, ordinals, time.Duration(c.Life), func(ordinal uint32, value string) error {
		made++
		p := people[ordinal]
		p.SignInURL, p.ExpiresAt = account.SignInURL(base, value), expires
		return out.write(p)
	})
	err = errors.Join(err, out.close())
	for _, ordinal := range left { // disabled or deleted since they were looked up
		disabled = append(disabled, people[ordinal].Userid)
	}
	if len(disabled) > 0 {
		fmt.Fprintf(s.err, "tidings: disabled users get no link: %s\n", someOf(disabled, len(disabled)))
	}
	fmt.Fprintf(s.err, "tidings: made %d links, each of which works once, until %s\n", made, expires.Format(time.RFC3339))
	return err
}

// people are those who get a link, and the userids of those who are disabled.
func (c *signInLinkCmd) people(s *session, o directory.Organization) (people map[uint32]signInLinkView, disabled []string, err error) {
	people = map[uint32]signInLinkView{}
	f := directory.UserFilter{States: []directory.State{directory.Active, directory.Disabled}}
	named := map[string]bool{}
	switch {
	case c.Dept != "":
		d, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, c.Dept)
		if err != nil {
			return nil, nil, err
		}
		f.DeptID = d.ID
	case c.File != "":
		if named, err = c.userids(s); err != nil {
			return nil, nil, err
		}
	}
	err = s.rooms.Directory.EachUser(s.ctx, o.ID, f, 0, func(u directory.User) bool {
		if c.File != "" && !named[u.Userid] {
			return true
		}
		delete(named, u.Userid)
		if u.State() == directory.Disabled {
			disabled = append(disabled, u.Userid)
		} else {
			people[u.Ordinal] = signInLinkView{Userid: u.Userid, Name: u.Name, Email: u.Email}
		}
		return true
	})
	if err == nil && len(named) > 0 {
		var unknown []string
		for userid := range named {
			unknown = append(unknown, userid)
		}
		err = fmt.Errorf("%s: no such users, no link was made: %s", c.File, someOf(unknown, len(unknown)))
	}
	return people, disabled, err
}

// userids reads one userid a line.
func (c *signInLinkCmd) userids(s *session) (map[string]bool, error) {
	in := s.in
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	named := map[string]bool{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if userid := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff")); userid != "" {
			named[userid] = true
		}
	}
	return named, lines.Err()
}

// linkOutput writes links as they are made.
type linkOutput struct {
	write func(signInLinkView) error
	close func() error
}

func (c *signInLinkCmd) output(s *session) (linkOutput, error) {
	to, done := s.out, func() error { return nil }
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return linkOutput{}, fmt.Errorf("--out: %w", err)
		}
		to, done = file, file.Close
	}
	if c.Format == "json" || s.cmd.JSON {
		return jsonLinks(to, done), nil
	}
	return csvLinks(to, done), nil
}

// jsonLinks writes one object a line.
func jsonLinks(to io.Writer, done func() error) linkOutput {
	buffered := bufio.NewWriter(to)
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	return linkOutput{
		write: func(v signInLinkView) error { return out.Encode(v) },
		close: func() error { return errors.Join(buffered.Flush(), done()) },
	}
}

// cell is a text as a cell of a file that people open in a spreadsheet, which
// takes a name such as "=HYPERLINK(…)" for a formula and runs it.
func cell(text string) string {
	if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
		return "'" + text
	}
	return text
}

func csvLinks(to io.Writer, done func() error) linkOutput {
	out := csv.NewWriter(to)
	_ = out.Write([]string{"userid", "name", "email", "sign_in_url", "expires_at"}) // an error stays until Flush
	return linkOutput{
		write: func(v signInLinkView) error {
			return out.Write([]string{cell(v.Userid), cell(v.Name), cell(v.Email), v.SignInURL, v.ExpiresAt.Format(time.RFC3339)})
		},
		close: func() error {
			out.Flush()
			return errors.Join(out.Error(), done())
		},
	}
}
