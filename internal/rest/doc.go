// Package rest is our own API: everything under /api/v1, described by
// /api/v1/openapi.json, which is generated from the types it is served with.
//
// This room decides who is asking, what a request must look like, and how an
// answer and a refusal are written. What is answered is the other rooms'
// decision.
//
// Scripts present a personal API token as a bearer, browsers a session in a
// cookie; a token in a cookie and a session as a bearer are nothing, and beside
// an Authorization header cookies do not count. A browser may be signed in to
// several organizations, with a cookie for each; org in the query says which
// is meant. What comes from another site's page is refused before anything is
// looked at, unless it only reads.
//
// Every route but the description and signing in asks who is there, by
// construction: routes are registered with a mux that puts that in front of
// them. Refusals are RFC 9457 problems with our stable code, by the one table
// in status.go; texts of errors that are not faults never leave. Nothing is
// redirected.
//
// A stream of events lives as long as the token or session it was opened with:
// those of all open streams are asked for more than twice a second (watch.go).
package rest
