// Package policy decides who may do what, and who is held back from a send: pure
// decisions, without a clock, a lock or a database of its own.
//
// # Rights
//
// The table in right.go is all there is about rights. To ask it: know who asks
// (an Asker, with the roles of this moment), say what about (a Resource), and call
// Check with the right. It returns a Grant, which the method that does the work
// takes in place of who asks; a method refuses a Grant of another right. What must
// be read first, such as whether the asker wrote a part of the thing, is asked
// again under the lock with Grant.Verdict.
//
// To change who may do what, change the table and the file testdata/rights.txt, in
// which it is written down a second time. To add a right, add its name and its rows,
// and register its routes with it: the API's description, the field may of answers
// and the tests over HTTP follow.
//
// # Sends
//
// The rules for one recipient, in order: outside the app's range, identical
// content today, the daily quota, the minute's quota. The first that hits is
// the one reported, with the threshold that was hit.
package policy
