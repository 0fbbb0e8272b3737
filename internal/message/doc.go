// Package message is what is said: the eight message types an app may send.
//
// This room decides
//
//   - whether a message is well formed, complete and within its limits (Decode);
//   - what "the same message" means: its canonical JSON (Message.Canonical);
//   - how a message reads in one plain line (Title, Preview);
//   - what a link is and where it leads (Resolve), for every field of every type;
//   - how a message looks: one renderer of sanitized HTML (Message.HTML) for
//     inbox, console preview and mail, and the facts beside it (Message.Body).
//
// # Canonical form
//
// A message is kept as {"msgtype":T,"T":{…}} with the keys of every object
// sorted, no insignificant white space, every scalar a string, and only the
// known fields of its one type. Unknown fields, fields that are null or empty,
// and form rows without key and value are not part of a message. A scalar of
// another kind becomes its text exactly as it was written (15.60 stays
// "15.60"); a list or object sent as JSON text becomes a real one; a voice's
// duration becomes a plain decimal. Values are otherwise kept as sent: nothing
// is trimmed, folded or normalised, so two messages are the same only if
// people would see the same.
//
// # What is refused and what is neutralized
//
// A message is refused for what makes it unreadable or too long, never for
// what it tries to do in a browser: markup stays text, an unsafe link stays
// text, a picture that cannot be shown is a missing picture. Lengths count
// characters (Unicode code points), the size limit counts bytes.
//
// # HTML
//
// HTML is language-neutral: fixed words are left to the page, which finds the
// places by class (all begin with "td-") and data attributes. There are no
// styles, scripts or event handlers; anchors carry http(s) addresses only.
// The classes are explained beside their constants in classes.go.
package message
