// Package durable makes a change of a directory survive a power cut. Call SyncDir
// after making, renaming or removing a file: only when the directory is synced too
// is the file there, or gone, for good.
package durable
