// Package audit says who did what, and when: one Entry for every step that
// somebody may have to answer for, such as approving a template or ending a
// session. There is a log for each organization and one for the installation.
//
// # How a step is logged
//
// The room that does the step takes By, which is who asks and with which
// credential. It makes the Entry with an Action of action.go and hands it to the
// store with the change. The store writes both in one transaction, so there is no
// step without an entry. Where the step is another transaction, such as a test of a
// template, its entry is written first. An entry never changes.
//
// # How a log is checked
//
// The entries of a log are a chain: each has a code, made with a key derived from the
// master key, over itself and the code of the entry before. Log.Verify reads a whole
// log and names the first entry that was changed, deleted or put in. Log.Compare
// checks that a log still has the newest entry of an earlier time, which a Noter
// writes to the server's log each hour and a backup to its manifest.
//
// Names, reasons, addresses and devices are not in the chain itself, so erasing a
// person leaves a log that verifies. docs/adr/0023-the-audit-log-is-a-keyed-chain.md
// says why.
package audit
