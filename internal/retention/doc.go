// Package retention decides when something has been kept long enough, and has
// it deleted.
//
// An organization says how many days its messages, receipts, changes and audit
// log are kept (policy.Retention); an installation may say something else for its own
// messages and receipts. A day is a calendar day in the organization's zone,
// and the day of a task is the one it was accepted on. Today and yesterday are
// always kept, so that quotas, identical content and idempotency keys never
// miss anything.
//
//   - A message goes with its inbox rows and receipts. Afterwards every answer is as
//     if it had never been sent, and no number counts it.
//   - An uploaded file goes a day after the last message that names it; one that no
//     message ever named goes after 30 days.
//   - Receipts go for whole tasks. First the installation's floor is raised, in
//     one commit, and with it all of its older tasks count as read by everybody;
//     only then are their rows deleted. So no message turns unread, whenever
//     the deleting is interrupted.
//   - The audit log is kept unless the organization has a rule for it. The commit
//     that raises the log's floor writes the entry that says so; then entries at
//     and below the floor are deleted. The log verifies at every moment of this.
//   - Changes go from the oldest on. The same commit raises the organization's
//     floor, and who resumes from below it is told to load anew.
//
// The service deletes in pieces; the limit is 200 rows per piece. Each piece is a
// transaction of its own, waits for all other writing, and may be repeated. One
// node at a time works: it holds a lease, which runs out after a crash.
//
// An Eraser takes one person out of the database. Messages that speak of them
// are the organization's, and go as it decided.
package retention
