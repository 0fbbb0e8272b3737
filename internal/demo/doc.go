// Package demo decides what a first look at Tidings shows: two sample
// organizations, one message of every type sent through the server's own wire
// as any client would send it, templates that its people wrote and reviewed, and
// what a person needs to go on from there.
//
// Whatever it makes is noted in DIR/demo.json the moment it exists. Each step
// asks first whether it was done, so a start that was killed half-way is
// completed by the next one, and a second start makes and sends nothing again.
//
// A lively demo of a new installation begins with a history: see History.
package demo
