// Package postgres opens a PostgreSQL database the way Tidings needs it:
// commits that wait for the disk, short lock waits, and transactions that do
// not outlive a stalled node.
package postgres
