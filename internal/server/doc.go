// Package server decides how the rooms become one running process: what is
// opened first and closed last, which request goes to which edge, what a
// request may cost before an edge sees it, and what operators get to see.
//
// New opens the store, the rooms and the edges (wire.go is the only file that
// knows them all), Start takes the addresses, Run serves until its context
// ends. Stopping goes the other way round: /readyz turns to 503, the streams
// end, requests in hand are answered, accepted sends are committed, the store
// closes.
package server
