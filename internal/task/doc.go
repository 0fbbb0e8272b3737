// Package task answers for what an organization was sent, to those who administer
// it: which tasks there are, what became of each, and who has read it. What is
// decided about a send is decided in package notify; here it is looked at, and
// recalled or changed by hand in the same way as by the app.
//
// # Lists
//
// A list reads the tasks' own rows, all but the sets of recipients, and titles out
// of the messages. Nothing is kept for it that a send would have to write. A page
// examines a bounded number of tasks and may come back short; next_before says
// whether there is more.
//
// # Who has read
//
// How many have read a task is counted from the receipts. A node keeps what it has
// counted and counts anew at most every five seconds, and only after receipts came.
// Of an old count nothing depends: it says when it was counted.
package task
