// Package outbound decides which addresses Tidings may call, and calls them. It is the
// only room that dials what organizations, apps and operators name: an address for
// callbacks, the issuer of a sign-in source, later a mail server.
//
// Whoever names an address might name one that only this machine can reach: a database
// on loopback, a printer, the cloud's metadata service. So a Client refuses to connect
// there. It decides on the address that is about to be dialled, after the name was
// resolved, because a name may resolve to something else a second later. It follows no
// redirects, uses no proxy, and reads no more of an answer than was asked for.
//
// # What to call, in which order
//
//  1. ParseURL when somebody names an address: what cannot be called is refused at once.
//  2. Client.Post each time. Request.ByOperator says that the operator named the address
//     on the command line: then it may be private or loopback.
//  3. Client.HTTP instead, for a library that calls by itself: every call of the client
//     that it returns keeps the same rules.
//
// Allowed is what the operator opens for everybody, with --outbound-allow.
package outbound
