// Package route is what all routes of our own API have in common: who asks, which
// right a route takes, what a request must look like, and how an answer and a
// refusal are written. What is answered is the resources' business, in package rest.
//
// To make an API: New, then for each resource its routes, registered in the Table
// that API.Table returns, then Handler, once. JSON registers a route of JSON in and
// out, Raw one that writes its answer itself. Neither registers a route without a
// right, and there is no other way to register one.
//
// # A request on its way
//
//  1. outer gives it an id and a Visit, and answers even if a handler panics.
//  2. What comes from another site's page is refused unless it only reads.
//  3. A read waits for a place (admission.go).
//  4. Unless the route's right is policy.Open, who asks is found out (who.go), before
//     anything of the body is read. Scripts present a personal API token as a bearer,
//     browsers a session in a cookie; a request with an Authorization header never
//     uses cookies. A browser may be signed in to several organizations, with a cookie
//     for each; org in the query says which is meant.
//  5. Parameters and body are checked against the schema of their types (invalid.go).
//  6. The table of rights is asked (API.enter). What takes no role is decided here. A
//     right that takes one is checked by the handler, which knows what the request is
//     about, with Visit.Asker and Visit.Right.
//  7. The handler answers. A refusal is an RFC 9457 problem with our stable code, by
//     the one table in status.go; texts of errors that are not faults never leave.
//
// Nothing is redirected.
package route
