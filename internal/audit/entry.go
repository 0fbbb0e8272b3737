package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Installation is the organization whose log is the installation's: none has this
// number.
const Installation = 0

// Entry is one step that somebody may have to answer for.
type Entry struct {
	Organization int64 // whose log it is in; Installation for the installation's
	// N is its place in the chain, from 1. Entries from before there was one have a
	// negative number.
	N       int64
	At      time.Time
	By      By
	Action  Action
	Subject string // what it was done to, such as a template's id or PersonSubject
	Version int    // of a template, or the number of a master key; 0 where there is none
	// Details hold what no erasing needs to take away: counts, ids, ordinals,
	// digests. Never a name, never a secret.
	Details Details
	// Reason is what somebody gave as a reason. It goes when they are erased.
	Reason string
	// Erased is true when reason, peer and device were deleted with their person.
	Erased bool
	// Damaged is true when the entry's row was changed behind the server's back, so
	// that not all of it can be read. Verifying names the entry.
	Damaged bool
	// About are further subjects that the entry is to be found by.
	About []string
}

// Note is an entry's reason, or else its details, in a line.
func (e *Entry) Note() string {
	if e.Reason != "" {
		return e.Reason
	}
	return e.Details.String()
}

const personPrefix = "person:"

// PersonSubject is how an entry names a person of its organization.
func PersonSubject(ordinal uint32) string {
	return personPrefix + strconv.FormatUint(uint64(ordinal), 10)
}

// PersonOf reads what PersonSubject writes; false for another subject.
func PersonOf(subject string) (ordinal uint32, ok bool) {
	number, ok := strings.CutPrefix(subject, personPrefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(number, 10, 32)
	return uint32(n), err == nil
}

// SourceSubject is how an entry names a sign-in source.
func SourceSubject(id string) string { return "sign_in_source:" + id }

// DepartmentSubject is how an entry names a department of its organization.
func DepartmentSubject(id int64) string { return "dept:" + strconv.FormatInt(id, 10) }

// KeysSubject is how an entry of the installation's log names the master keys.
const KeysSubject = "master_key"

// TaskSubject is how an entry names a task.
func TaskSubject(id int64) string { return "task:" + strconv.FormatInt(id, 10) }

// OrganizationSubject is how an entry names its organization as a whole.
const OrganizationSubject = "organization"

// InstallationSubject is how an entry names the installation.
const InstallationSubject = "installation"

// LogSubject is how an entry names the log that it is in.
const LogSubject = "audit"

// private is the form of Private.Text.
type private struct {
	Reason string `json:"reason,omitempty"`
	Peer   string `json:"peer,omitempty"`
	Device string `json:"device,omitempty"`
}

// ErrNobody is the refusal of an entry without an actor: a mistake of ours.
var ErrNobody = errors.New("audit: an entry needs an actor")

// Row returns the entry as it is stored, before it has its place in a chain, with
// what is private in it, nil for nothing. It fails with ErrNobody.
func (e *Entry) Row() (Row, *Private, error) {
	if e.By.IsNobody() || e.Action == "" {
		return Row{}, nil, fmt.Errorf("%w: %q of %q", ErrNobody, e.Action, e.Subject)
	}
	actor, _ := e.By.MarshalText() // never fails
	r := Row{
		Organization: e.Organization, At: e.At.UnixMilli(), Actor: string(actor), Credential: e.By.Credential,
		Action: string(e.Action), Subject: e.Subject, Version: int64(e.Version),
	}
	if details := e.stored(); len(details) > 0 {
		text, err := json.Marshal(details) // names in order
		if err != nil {
			return Row{}, nil, fmt.Errorf("audit: details: %w", err)
		}
		r.Details = string(text)
	}
	hidden := private{e.Reason, e.By.Peer, e.By.Device}
	if hidden == (private{}) {
		return r, nil, nil
	}
	text, err := json.Marshal(hidden)
	if err != nil {
		return Row{}, nil, fmt.Errorf("audit: %w", err)
	}
	p := conceal(string(text))
	r.Sealed = p.Digest()
	return r, &p, nil
}

const about = "about"

// stored are the details with what else the entry is about.
func (e *Entry) stored() Details {
	if len(e.About) == 0 {
		return e.Details
	}
	all := maps.Clone(e.Details)
	if all == nil {
		all = Details{}
	}
	all[about] = e.About
	return all
}

// Entry returns the entry that a row holds; text is what is private in it, "" for
// nothing. What cannot be read stays empty, and the entry is Damaged.
func (r *Row) Entry(text string) Entry {
	e := Entry{
		Organization: r.Organization, N: r.N, At: time.UnixMilli(r.At).UTC(), By: By{Credential: r.Credential},
		Action: Action(r.Action), Subject: r.Subject, Version: int(r.Version), Erased: text == "" && len(r.Sealed) > 0,
	}
	err := e.By.UnmarshalText([]byte(r.Actor))
	if r.Details != "" {
		err = errors.Join(err, e.readDetails(r.Details))
	}
	if text != "" {
		var p private
		err = errors.Join(err, json.Unmarshal([]byte(text), &p))
		e.Reason, e.By.Peer, e.By.Device = p.Reason, p.Peer, p.Device
	}
	e.Damaged = err != nil
	return e
}

func (e *Entry) readDetails(text string) error {
	read := json.NewDecoder(strings.NewReader(text))
	read.UseNumber()
	if err := read.Decode(&e.Details); err != nil {
		e.Details = nil
		return err
	}
	if subjects, ok := e.Details[about].([]any); ok {
		for _, s := range subjects {
			e.About = append(e.About, fmt.Sprint(s))
		}
		delete(e.Details, about)
	}
	return nil
}

// Subjects returns everything the entry is found by: its subject, what else it is
// about, and the person who did it.
func (e *Entry) Subjects() []string {
	all := append([]string{e.Subject}, e.About...)
	if e.By.IsPerson() && e.By.Organization == e.Organization {
		all = append(all, PersonSubject(e.By.Ordinal))
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}
