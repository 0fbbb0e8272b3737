// Package notify decides what becomes of a send: who receives it, who is held
// back and why, and afterwards what a recall or a change of the status bar
// may still do.
//
// A send passes three hops. The wire decodes it; Service.Send validates the
// message and resolves its audience to a set; the sequencer, one goroutine per
// node, commits what has queued up in one transaction. In that transaction the
// organizations' rows are locked, and everything that must be exact is decided
// there: the audience as it is at that moment, identical content, quotas, the
// day and the minute, the revision. Callers are answered after the commit, and
// hints go out after the commit. There is no queue between acceptance and the
// inbox, so there is nothing to lose there.
//
// # What to call
//
// Send and SendTemplate send, SendTest sends a test of a template, Recall and
// SetStatusBar change what was sent, Progress and Result tell what became of it.
// Run, on a goroutine of its own, commits what these hand over.
package notify
