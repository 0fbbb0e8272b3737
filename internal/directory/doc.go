// Package directory decides who is who and who is reached: organizations,
// their tree of departments, their users, and the set of people an audience
// comes to.
//
// Every user has an ordinal, a dense number of the organization that is given
// once and never again, so that "some of a million people" is a bitmap. Each
// organization is held in memory as a snapshot that follows the organization's
// directory revision: every change of users, departments or the organization
// itself takes the next revision inside its transaction, and the rows it
// touched carry that revision. CatchUp reads the revision first and the rows
// after it; what it reads may be newer than the revision it then claims, never
// older.
//
// Changes are decided here and written by the store: the store locks the
// organization's revision, hands over to a Decision, which sees a snapshot
// that is exactly the locked state, and writes what the Decision returns, with the
// entries that tell the audit log of it.
// Several processes may change one directory side by side.
//
// Service.Resolve turns an audience into disjoint sets without touching the
// database. Sets that leave this package belong to the caller.
package directory
