// Package durable decides when a change of a directory has outlasted a power
// cut: a file that was made, renamed or removed is there, or gone, for good only
// when its directory is synced too.
package durable
