// Package oauth signs people in to programs: what OAuth 2.0 calls the authorization
// code grant, as DingTalk's clients ask for it. The program is an app; its client id is
// the app's key. The people of an internal app's organization sign in to it, and to a
// third-party app those of every organization that has it installed.
//
// # The way of a sign-in
//
// A program sends the browser to our page with a Request. Describe says what the page
// shows: which app asks, and what it would be told of whoever is signed in to an
// organization. When they say yes, Authorize notes the consent and makes a code, and
// the browser goes back with it. The program exchanges the code, with the app's secret,
// for a user token (Exchange), renews it (Refresh), and asks with it who the person is
// (Me).
//
// # What keeps it safe
//
// A browser is sent only to an address that the app declares, compared whole but for its
// query. A code lives CodeLife, works once, and only for the app, the organization, the
// person and the address that it was made for. One that is seen twice ends the tokens
// that were made of it, and so does a refresh token that was renewed before. A user token
// opens nothing but Me.
//
// Of codes and tokens the database holds SHA-256 hashes. Nothing of them is kept in
// memory: whoever is disabled, or withdraws their consent, is refused by the next
// request, on every node, and so is the app that is switched off.
package oauth
