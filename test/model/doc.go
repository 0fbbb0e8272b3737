// Package model drives a whole server with random histories of a firm of 150
// people, and compares everything that its apps and its people can see with a
// model that knows nothing but lists: who was there, what was sent to whom, who
// has read it, what was recalled.
//
// The server runs inside the test process, on either engine, and is spoken to
// over HTTP alone: the wire for sending, the inbox's own API and its live
// streams for reading. Only the directory and the clock are changed directly;
// the clock stands still between two steps, so that every time an answer shows
// can be compared exactly.
//
// A check is one history. Every few steps, and at its end, pages, badges,
// results and what live clients put together from events are compared. Steps
// called "rush" do several things at once and leave only what does not depend
// on their order to the scheduler.
//
// TIDINGS_MODEL_CHECKS is how many histories each engine gets (10; with -short 2).
// The flags of rapid, such as -rapid.seed and -rapid.steps, work as usual.
package model
