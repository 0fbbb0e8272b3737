// Package sqlite opens a SQLite file the way Tidings needs it: write-ahead
// log, synchronous=FULL read back on every connection, one writer and many
// readers, and checkpoints on a connection of their own.
//
// A reserve file keeps room for what must go on when the disk is full
// (reserve.go, room.go).
//
// All writes of a process pass through one goroutine (gate.go). It serves the
// most urgent class first and lets receipts ride in the transaction of a send,
// so that both cost one fsync. A COMMIT that fails for any reason but a full
// disk ends the process: after a failed fsync the pages are gone and the next
// one would seem to succeed.
package sqlite
