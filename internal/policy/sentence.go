package policy

import (
	"slices"
	"strings"
)

// Sentence says in English who has a right, for the description of our own API.
func (r Right) Sentence() string {
	text := takes(r, all) + "."
	refuses, part := false, false
	for _, rule := range table {
		if rule.right != r {
			continue
		}
		refuses = refuses || rule.verdict == Refused
		part = part || rule.verdict == Granted && rule.part == other
	}
	if part {
		text += " Nobody has it for what they wrote or submitted."
	}
	if r.NeedsRole() && !refuses {
		text += " To everybody else there is no such " + map[bool]string{true: "task", false: "app"}[r.aboutTasks()] + "."
	}
	return text
}

// aboutTasks reports whether a right is one to tasks, which belong to the organization
// that was sent them.
func (r Right) aboutTasks() bool {
	return slices.Contains([]Right{TasksList, TasksRead, TasksChange, RecipientsRead}, r)
}

// composers says when a row grants that is for composers: "for what they sent
// themselves to be a composer of the app".
func (r rule) composers() string {
	switch {
	case r.part == composed:
		return "for what they sent themselves to be a composer of the app"
	case r.of&noApp != 0:
		return "or to be a composer of an app"
	default:
		return "or to be a composer of the app"
	}
}

// takes says what a right to some kinds of apps takes, without a full stop: "Takes
// the role author, administrator or owner in the app's organization".
func takes(r Right, kind column) string {
	var clauses []string
	for _, rule := range table {
		switch {
		case rule.right != r || rule.verdict != Granted || rule.who == operator || rule.of&kind == 0:
		case rule.who&nobody != 0:
			return "Takes no credential"
		case rule.ofComposers():
			clauses = append(clauses, rule.composers())
		case rule.who&person != 0 && rule.part != self:
			return "Takes no role"
		case rule.who&person != 0:
			return "Takes no role: it is about the asker"
		default:
			clauses = append(clauses, rule.clause(kind == all))
		}
	}
	return "Takes " + strings.Join(clauses, "; ")
}

// clause says when a row grants: "the role reviewer in the app's organization", and
// with what it is about "for an internal app the role reviewer in …".
func (r rule) clause(about bool) string {
	var of []string
	if about && r.stage == shown {
		of = append(of, "for what was submitted")
	}
	switch {
	case about && r.of == internal:
		of = append(of, "for an internal app")
	case about && r.of == thirdParty:
		of = append(of, "for a third-party app")
	}
	if r.part == self {
		of = append(of, "for what they sent themselves")
	}
	where := "in the app's organization"
	switch {
	case r.right == AppsManage:
		where = "in the organization that has the app installed"
	case r.from == own|receiving:
		where = "in the app's organization or one that has it installed"
	case r.right.aboutTasks():
		where = "in the organization that was sent it"
	case r.right == SendsWrite || r.right == SendsEveryone || r.right == SendsTest:
		where = "in the organization that it is sent to"
	case r.of == noApp:
		where = "in the organization"
	case r.from == appointed:
		where = "in an organization that the operator named for reviews"
	case r.from == receiving:
		where = "in an organization that has the app installed"
	}
	text := r.who.phrase() + " " + where
	if len(of) > 0 {
		text = strings.Replace(strings.Join(of, " "), "submitted for", "submitted of", 1) + " " + text
	}
	return text
}
