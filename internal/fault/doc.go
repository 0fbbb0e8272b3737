// Package fault is the one error type of Tidings.
//
// A room that refuses something returns a *Fault made by New: a stable Code,
// its Kind, and a text that may leave the server. Everything else that goes
// wrong stays an ordinary error, counts as Internal at the edge, and its text
// never leaves. Add context while returning with fmt.Errorf("room.Verb: %w", err);
// From finds the Fault again.
//
// Each edge has exactly one table that turns a Code or a Kind into its own
// answer: dingtalk/errcode.go and rest/route/status.go. docs/errors.md explains
// every Code; a test compares all three.
package fault
