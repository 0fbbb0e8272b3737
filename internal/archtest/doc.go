// Package archtest decides what the shape of the code may be: which room may
// import which, how long a file, a function and a package may grow, and a few
// habits that a compiler does not check. A permission that nothing uses breaks
// the rules as well. It only reads source text, so it runs in a second.
//
// To add a room, or an arrow between two rooms, edit rules.go: the change is
// then visible in review.
package archtest
