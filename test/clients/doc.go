// Package clients drives a running server with client libraries that were
// written for DingTalk, unmodified and over real HTTP: a token, a message of
// every type they offer, uploads, progress, result, status bar and recall.
//
// What is asserted is what their users rely on: the answers as the library
// decodes them, everyone named in exactly one list of the result, the message
// in the inbox of each recipient, and nothing but a tombstone after the recall.
//
// Of programs that are no Go packages, testdata/programs has the requests as they
// send them, recorded from runs; they are sent again, and their answers read as the
// program reads them.
package clients
