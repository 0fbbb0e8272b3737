// Package setup decides who may make the installation's first organization with a
// browser, and be its owner: whoever has a setup link.
//
// # What to call
//
// NewLink makes a link for whoever works on the server's machine. Check tells whether
// one can be used. SetUp uses it: it makes the organization and its owner, and begins
// the owner's session.
//
// # What is stored
//
// The value of a link is shown once, when it is made. The database holds its SHA-256,
// which is enough for a secret of 130 random bits. So a link works on every node of the
// database, and nobody reads one there.
//
// # When a link ends
//
// A link works once and for Life. Nobody has to end it earlier: as soon as there is an
// organization, whoever made it and however, no link works. SetUp asks that in the
// transaction that makes the organization, one transaction after the other; of two
// browsers with two links, one makes the organization and the other is refused.
//
// Making a link is in no audit log. It gives nobody anything that is there, and the log
// of an installation without organizations stays empty, so that a backup can be restored
// into it. What somebody does with a link is in the organization's log.
package setup
