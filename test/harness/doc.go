// Package harness runs the built binary for tests and talks to it as apps and
// people do: over HTTP, with the published client and nothing of the server's own
// code.
//
//   - Main builds the binary once for a test process; Home is a data directory
//     with a database, on which one server after the other is started.
//   - App is a sender's client of the wire, Reader a person's client of the
//     inbox, Follower a browser: it shows pages, follows the live stream and
//     resumes it.
//   - Ledger is the file in which a driver notes every call before and after.
//
// It decides what an answer proves: a call without a whole answer, or with one
// that says that nobody knows, is Unknown, and only an answer is a fact.
package harness
