// Package inbox is the recipient's side: a person's Work Notifications chat,
// what they have read of it and what they have not.
//
// This room decides
//
//   - what is in somebody's inbox: the small sends filed for them and the large
//     sends they are a member of, newest first (Service.Page). No other room
//     knows of the difference;
//   - when a message counts as read, and for whom (MarkRead, MarkAllRead);
//   - which apps have sent somebody something (Apps);
//   - what is unread, derived each time and never counted beside the data (Unread);
//   - what a client that knows a revision has missed, whole or not at all
//     (Changes, Resume);
//   - how a stored task becomes an Item, and how a recalled one becomes a
//     tombstone.
//
// # What is remembered between requests
//
// Only what never changes: per organization the list of its large sends, and
// under a byte budget the sets of their recipients. A message's content, its
// recall and its status bar are read from the database in the request that
// shows them, so that a recall is final from the moment it is answered. What
// is no longer kept there is therefore in no answer, and Trim takes it out of
// memory.
//
// # Revisions
//
// A task takes its organization's next revision inside its commit, under the
// lock of the organization's row. So whoever has read revision R sees, in every
// later query, all tasks up to R. Each request reads R first and then shows
// what was sent at or below R, whatever other requests have put into memory in
// the meantime.
//
// # Work that is bounded
//
// A page examines at most 2,000 large sends and 2,000 filed rows, and a resume
// at most 2,000 large sends and changes. The badge examines what lies above
// its reader's floor and at most 100 candidates of each app below it, and
// whoever examined much raises the floor (unread_by_app).
//
// # What is no longer kept
//
// A deleted task is in no page and no badge, and what took its revisions is a
// gap that nobody has to hear of. Where only the receipts of a task were
// deleted it counts as read by everybody, with the time it was sent as its
// read time. Changes are deleted up to the organization's floor, and whoever
// knows an older revision has to load anew.
package inbox
