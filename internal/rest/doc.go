// Package rest is our own API: everything under /api/v1, described by
// /api/v1/openapi.json, which is generated from the types it is served with. Each
// resource is a small struct with what it needs, its routes and its handlers; what
// all of them have in common is package route.
//
// # A route is a line
//
//	route.JSON(r, route.Get("getMe", "/me", "Tell who is asking", meText), policy.MeRead, s.me)
//
// says the operation's id and its path, what the description tells, the right it takes,
// and the handler. The handler's types are the schema: a field's text is its doc tag,
// its limits are tags such as maximum, and a type whose name ends in Request allows no
// unknown fields. Who may ask is added to the description from the table of rights.
//
// # A new resource
//
//  1. Its rights, in package policy.
//  2. A file with a struct, the small interfaces of the rooms it asks, a method routes
//     with a line for each route, and the handlers. A right that takes a role is checked
//     with policy.Check, as templates.ofApp does, and its Grant handed to the room.
//  3. A line in Handler.
//  4. How its routes are asked, in internal/server: rights_test.go for what is about an
//     app, ownrights_test.go for what is about the asker, auditrights_test.go for what is
//     about the asker's organization, tasks_test.go for tasks. Every role asks every
//     route there.
//
// A stream of events lives as long as the token or session it was opened with:
// those of all open streams are asked for more than twice a second (watch.go).
package rest
