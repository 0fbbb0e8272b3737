// Package account decides who a person at the inbox is: by a personal API
// token, which people's scripts present as a bearer token, or by a session,
// which a browser keeps in a cookie. A session begins with a sign-in link, with setting
// up the first organization (room setup), or with an account of elsewhere (room signin).
//
// # What to call
//
// Authenticate checks a personal API token, Session the value of a cookie: both
// return the Viewer. CreateSignInLink makes a link; Offer tells whom it would sign
// in, and SignIn uses it. Ended tells whose token or session has ended, of the
// viewers of open streams. Run, on a goroutine of its own, stores when sessions
// were used.
//
// # What is stored
//
// The values of tokens, links and sessions are shown once, when they are made. The
// database holds their SHA-256, which is enough for a secret of 130 random bits.
//
// A row that was read counts until something ends anywhere, which the service asks
// once a second for all of them. So a session that ends is refused everywhere
// within that second, and a known token or session costs no query. Whether its
// person is still there the service asks the directory every time.
//
// A person who is disabled or leaves loses all tokens, links and sessions for good,
// in the transaction that disables them: enabling them again brings nothing back.
//
// # Links
//
// A link works once. Using it and opening the session are one transaction, so of
// two who use it at the same time one is signed in and the other refused. The
// refusal does not tell why: a used link, an expired one, an unknown one and that
// of a person who has left get the same answer.
package account
