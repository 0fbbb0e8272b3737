// Package store holds all SQL of Tidings.
//
// One hand-written text in the common subset of SQLite and PostgreSQL runs on both;
// what differs is behind Engine. Each room declares the methods it needs as an
// interface, and a method of DB returns it: DB.Inbox is an inbox.Store. The interface
// says what a method promises; here stands only how it is kept.
//
// Every table but the few installation-wide ones leads with the organization,
// and so does every key and index. Every statement names the organizations it is for;
// the exceptions are listed in a test.
//
// # Statements
//
// A statement is a constant beside the methods that run it. Its name says what it
// does to which rows:
//
//	sqlSelectTask       reads
//	sqlLockApp          reads and locks: DB.engine.RowLock is appended
//	sqlInsertChange     inserts
//	sqlUpsertRequest    inserts, or changes the row that is there
//	sqlUpdateRevision   changes
//	sqlDeleteSession    deletes
//
// Parts of statements have names without a verb: taskColumns, ofPerson. What is
// inserted in numbers that nobody knows before is an insert, such as sqlInsertTasks.
//
// Parameters are $1, $2, …; $1 is the organization in a statement that is for one. A
// list is written as IN (%s) and filled up by readEachIn and execIn.
// Times are unix milliseconds, flags 0 or 1. NULLs and sums get their type by CAST,
// which PostgreSQL needs. Pages begin after a key, never at an offset. One statement
// may read several things of one moment: its parts are joined by UNION ALL and begin
// with a number each.
//
// # Reading
//
// Rows are read by readRow (one, or none), needRow (one, or an error), readRows (a
// list) and readEach (whatever else), with a list of where the columns go. Columns
// that need more than a copy say how they are read:
//
//	into := []any{&a.ID, asJSON(&a.Scopes), (*millis)(&a.CreatedAt)}
//	found, err := readRow(ctx, q, sqlSelectApp, into, organization, id)
//
// A list that several statements share is a function beside the columns: appInto
// belongs to appColumns. A statement that always finds a row, such as a count, is
// scanned directly.
//
// # Writing
//
// An encoder makes the values that need more than a copy and keeps the first error.
// JSON is written by encoder.json, sets by encoder.set.
//
// A transaction starts in DB.write, with its class, or in DB.administer, for
// everything that somebody may have to answer for. administer writes the audit entries
// that the change returns, in the same transaction. Locks are taken in one order: the
// things that are changed, the heads of the audit logs, and last the counters that all
// nodes watch. What a transaction found before a rollback is forgotten when it is run
// again.
//
// Each method that is called from outside turns the engine's errors into faults:
// write and administer do so themselves, reading does it by DB.toFault.
//
// # A new statement
//
// Write it, name it, and add it to one of the lists in the files *export_test.go. The
// test of that list (checkPlans) needs arguments and the indexes that the plan must
// name on either engine. A statement that is in no list, or whose name does not fit,
// fails TestStatementsAreNamedAndPlanned.
package store
