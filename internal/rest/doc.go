// Package rest is our own API: everything under /api/v1, described by
// /api/v1/openapi.json, which is generated from the types it is served with.
//
// This room decides who is asking (a personal API token as a bearer), what a
// request must look like, and how an answer and a refusal are written. What is
// answered is the other rooms' decision.
//
// Every route but the description needs a token, by construction: routes are
// registered with a mux that puts authentication in front of them. Refusals
// are RFC 9457 problems with our stable code, by the one table in status.go;
// texts of errors that are not faults never leave. Nothing is redirected.
//
// A stream of events lives as long as the token it was opened with: all tokens
// of open streams are asked for twice a second (watch.go).
package rest
