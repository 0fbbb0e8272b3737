// Package node decides when every running server works with what a command has
// changed.
//
// Servers keep people, apps and credentials in memory and follow the database
// within a second. A command that takes something away (somebody is erased, a
// session ends) must not answer before that: else the old name, or the old
// session, is still good for a moment after the answer.
//
// So the command makes a mark, which is the next number, and waits until every
// server has followed it:
//
//	behind, gone, err := node.Await(ctx, store, 10*time.Second)
//
// Every server has a Follower that reads the newest mark four times a second. When
// there is a new one it brings its memory up to the database, and then notes the
// mark as followed in its own row. What was committed before the mark was made is
// in force there from then on. Servers say in their rows that they are there, by
// the database's clock: one that has been silent for a minute is taken for gone and
// is not waited for.
package node
