// Package policy decides who is held back from a send, and why: pure
// decisions over sets, without a clock, a lock or a database of its own.
//
// The rules for one recipient, in order: outside the app's range, identical
// content today, the daily quota, the minute's quota. The first that hits is
// the one reported, with the threshold that was hit.
package policy
