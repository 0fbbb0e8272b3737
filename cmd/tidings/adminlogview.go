package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// entryView is an entry of the audit log.
type entryView struct {
	N          *int64         `json:"n"` // its place in the log; null for one from before entries had a place
	At         time.Time      `json:"at"`
	By         string         `json:"by"`
	ByOperator bool           `json:"by_operator"` // from the command line, in that person's name
	Action     audit.Action   `json:"action"`
	Subject    string         `json:"subject"`
	Person     string         `json:"person,omitempty"` // who the subject is, of a person
	Version    int            `json:"version,omitempty"`
	Details    map[string]any `json:"details,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Damaged    bool           `json:"damaged"` // changed behind the server's back: not all of it can be read
	Erased     bool           `json:"erased"`  // the reason, and where it was done from, went with a person
}

// calledView is an entry with what shows where it was done from.
type calledView struct {
	entryView
	Credential string   `json:"credential"`
	Peer       string   `json:"peer,omitempty"`
	Device     string   `json:"device,omitempty"`
	About      []string `json:"about,omitempty"`
}

type logPageView struct {
	Entries    []calledView `json:"entries"`
	NextBefore string       `json:"next_before"` // "" at the end
}

func (s *session) viewEntry(e audit.Entry) entryView {
	v := entryView{
		At: e.At, By: s.actedBy(e.By), ByOperator: e.By.FromCommandLine(), Action: e.Action, Subject: e.Subject, Version: e.Version,
		Details: e.Details, Reason: e.Reason, Erased: e.Erased, Damaged: e.Damaged,
	}
	if e.N > 0 {
		v.N = &e.N
	}
	if ordinal, ok := audit.PersonOf(e.Subject); ok {
		v.Person = s.person(audit.Person(e.Organization, ordinal))
	}
	return v
}

// actedBy is who did it: somebody, or the server by itself.
func (s *session) actedBy(b audit.By) string {
	if b.FromServer() {
		return "server"
	}
	return s.person(b.Actor)
}

// by is who did it, for people.
func (v entryView) by() string {
	if v.ByOperator {
		return v.By + " (operator)"
	}
	return v.By
}

// note is why and what exactly, for people.
func (v entryView) note() string {
	note := (&audit.Entry{Reason: v.Reason, Details: v.Details}).Note()
	if v.Damaged {
		note = strings.TrimSpace(note + " (damaged)")
	}
	if v.Erased {
		note = strings.TrimSpace(note + " (erased)")
	}
	return flat(note)
}

func versionText(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// showLog prints what is in the audit log about a template.
func (s *session) showLog(all []audit.Entry) error {
	views, rows := []entryView{}, [][]string{}
	for _, e := range all {
		v := s.viewEntry(e)
		views = append(views, v)
		rows = append(rows, []string{v.At.Format(time.DateTime), string(v.Action), versionText(v.Version), v.by(), v.note()})
	}
	return s.show(views, func() { table(s.out, []string{"AT (UTC)", "ACTION", "VERSION", "BY", "NOTE"}, rows) })
}

// showLogPage prints entries of a whole log, and how to go on.
func (s *session) showLogPage(o directory.Organization, p audit.Page) error {
	view, rows := logPageView{[]calledView{}, p.Next.String()}, [][]string{}
	for _, e := range p.Entries {
		v := s.viewEntry(e)
		view.Entries = append(view.Entries, calledView{v, e.By.Credential, e.By.Peer, e.By.Device, e.About})
		n, subject := "-", v.Subject
		if v.N != nil {
			n = fmt.Sprint(*v.N)
		}
		if v.Person != "" {
			subject = v.Person
		}
		if subject == "" {
			subject = "-"
		}
		rows = append(rows, []string{n, v.At.Format(time.DateTime), string(v.Action), flat(subject), versionText(v.Version), v.by(), v.note()})
	}
	err := s.show(view, func() {
		table(s.out, []string{"N", "AT (UTC)", "ACTION", "SUBJECT", "VERSION", "BY", "NOTE"}, rows)
	})
	if view.NextBefore != "" {
		fmt.Fprintf(s.err, "there are more: go on with --before %s\n", view.NextBefore)
	}
	return err
}

// person is somebody as --as takes them. Whom the directory cannot tell any
// more is shown by number, and so is an app that is not there any more.
func (s *session) person(p audit.Actor) string {
	if !p.IsPerson() {
		return s.program(p)
	}
	o, err := s.rooms.Directory.Organization(s.ctx, p.Organization)
	if err != nil {
		return p.String()
	}
	userid, ok := s.rooms.Directory.Userid(p.Organization, p.Ordinal)
	if !ok {
		return p.String()
	}
	return o.CorpID + ":" + userid
}

// program is an app by its key, and whoever else is no person.
func (s *session) program(p audit.Actor) string {
	if p.AppID() == 0 {
		return p.String()
	}
	apps, err := s.appsOf(p.Organization)
	if err != nil {
		return p.String()
	}
	for _, a := range apps {
		if a.ID == p.AppID() {
			return "app " + a.Key
		}
	}
	return p.String()
}
