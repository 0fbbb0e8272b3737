// Package chaos kills, crowds and confuses running servers, and then proves
// from outside what they promise.
//
// A driver notes every call in a ledger before it is made and what came back
// after it. When the dust has settled, checkers compare that ledger with what
// the server answers, with what the database holds and with what live clients
// were told. The checkers are pure functions that return complaints, one line
// each; each of them is itself tested to complain about what is wrong.
//
// The environment changes the size: TIDINGS_CHAOS_KILLS is how often servers
// are killed, all engines together (20), TIDINGS_CHAOS_SECONDS how long the
// rules are tried on each (10), and TIDINGS_CHAOS_SEED replays a run's choices,
// though not its timing.
package chaos
