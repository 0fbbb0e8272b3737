// Package account decides who a person at the inbox is: by a personal API
// token, which people's scripts present as a bearer token, or by a session,
// which a browser keeps in a cookie. A session begins with a sign-in link.
//
// The values of all three are shown once, when they are made; the database
// holds their SHA-256, which is enough for a secret of 130 random bits. What
// was read is believed while nothing has ended anywhere since, which is asked
// once a second for all; so what was ended is dead everywhere within that second,
// and a known token or session costs no query. Whether its person is still there
// is asked of the directory every time.
//
// Whoever is disabled or leaves loses all of it for good, in the transaction
// that disables them: enabling them again brings nothing back.
//
// A link works once. Using it and the session it opens are one transaction, so
// of two who use it at the same time one is signed in and the other refused.
// Why a link is refused is not told: used, expired, unknown and of a person
// who has left are the same answer.
package account
