// Package bus carries hints between the nodes of one database: "organization O
// is at revision R", "this task was recalled", "these people have read
// something", "this directory moved", "credentials have ended".
//
// The room decides what to say to other nodes, how it fits into few small
// payloads, and what happens when they are lost. The rows say what is true. Every
// room looks at its rows by itself at least once a second; a hint only makes it
// look sooner. So a hint may be lost, repeated, late or nonsense, and nobody waits
// for one. What waits to be sent is merged and bounded. One goroutine sends it,
// after the commit and outside any transaction.
//
//	room ─▶ Bus (queue: newest revision per organization, tasks, people)
//	          at most one payload every 20 ms ─▶ Transport
//	Transport ─▶ Bus (drops what this node said itself) ─▶ RemoteEvents, the rooms here
//
// Whenever the transport has connected (again), hints may have been missed, and
// RemoteEvents is told to look at everything once.
//
// Package bus/postgres is the transport there is, by NOTIFY and LISTEN. On
// SQLite a node is alone and has no Bus.
package bus
