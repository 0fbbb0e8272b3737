// Package dingtalk is the DingTalk wire: the HTTP surface that code written
// for DingTalk's work notifications expects. This room only translates; what a
// call means is decided in the domain rooms.
//
// This room decides
//
//   - which routes there are, and what each takes and answers when something
//     is wrong: one table (routes);
//   - how a request's parameters are found, wherever a client put them: one
//     tolerant decoder (docs/contract.md#carriers);
//   - which errcode and text each failure has: one table (errcode.go,
//     docs/errors.md);
//   - the envelopes of answers (docs/contract.md#envelopes).
//
// A request travels one way: route, parameters, access token, count of the
// call, the verb, the answer. Failures are logged here and nowhere else, with
// the request_id of the answer, and never with a query, a header or a body.
package dingtalk
