// Package live tells connected browsers what changed, as Server-Sent Events.
//
// This room decides who is told what, and when a connection is worth keeping.
// The database is the truth: a hint ("organization O is at revision R") only
// says that it is worth reading, and a poll each second makes a lost hint cost
// a second. Nothing that was read is kept for later; a client that was away
// names the last revision it knows and is answered from the database.
//
//	hint ─▶ feed (one goroutine per organization with connections)
//	          reads the changes after its position, encodes each once,
//	          puts it into the queue of every recipient connected here
//	stream (a goroutine of its own, on the connection taken over from the
//	          HTTP server, whose handler has read the gap before)
//	          writes its queue; too slow ends it
//	unread (one goroutine per feed)
//	          derives the badge of people for whom it may have moved
//
// A stream joins its feed before it reads the gap and drops from its queue what
// the gap contained, so between the two nothing is missing and nothing comes
// twice. The feed's position is known before any of its streams reads, hence
// never above what a stream has read.
//
// When a gap cannot be told the stream sends "reload", whose id is the newest
// revision, and goes on from there: the client fetches its page again and needs
// no new connection. Ending the stream instead would bring everybody back at
// the same moment.
//
// Content whose task is recalled is not written any more from the moment
// Recalled returns, wherever it is: in a queue, in a gap being written, or in a
// read still under way. What the client gets is the recall's own event, the
// tombstone with the true time of the recall; its revision is above everything
// withheld, so it always follows, on this connection or on the next.
package live
