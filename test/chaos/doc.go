// Package chaos kills, crowds and confuses running servers, and then proves
// from outside what they promise.
//
// A driver notes every call in a ledger before it is made and what came back
// after it. When the dust has settled, checkers compare that ledger with what
// the server answers, with what the database holds and with what live clients
// were told. The checkers are pure functions that return complaints, one line
// each; each of them is itself tested to complain about what is wrong.
//
// TestChaosNodes runs three nodes on a PostgreSQL of its own. Each of ten
// faults comes as often as the others, in random order: a node killed, a node
// stopped for ten seconds (SIGSTOP), PostgreSQL stopped fast, at once and
// killed, and connections lost at a COMMIT in five ways. At the end it prints
// how slow the slowest call was during each kind, apart for organizations that
// the node in question served and those that it did not.
//
// With -short, as `make test` has it, each kind of fault comes once; the checks
// of the harness itself that take long are left out. The environment changes
// the size, and TIDINGS_CHAOS_SEED replays a run's
// choices, though not its timing:
//
//	TIDINGS_CHAOS_KILLS     how often single servers are killed, all engines together (20)
//	TIDINGS_CHAOS_SECONDS   how long the rules are tried on each engine, and on three nodes (10)
//	TIDINGS_CHAOS_FAULTS    faults of three nodes and their PostgreSQL (10)
//	TIDINGS_CHAOS_FAULT     one kind of these faults alone, by its name in the log (all of them)
//	TIDINGS_CHAOS_RESTARTS  restarts of one of three nodes after the other (3)
//	TIDINGS_CHAOS_FILLS     how often a disk is filled (3)
//	TIDINGS_CHAOS_CUTS      how often the power is cut, both file systems together (6)
//	TIDINGS_CHAOS_SYNCS     how often a sync or a write fails (5)
package chaos
