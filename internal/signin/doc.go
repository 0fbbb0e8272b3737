// Package signin decides who somebody is who signs in with an account of elsewhere, such
// as one of the organization's Keycloak.
//
// A Source is such a place, as an organization has set it up. A Provider knows one kind
// of source, and says which Identity somebody has there: its subject never becomes
// somebody else's. This room decides whose identity that is here, and begins the session.
//
// # What to call, in which order
//
// Create makes a source, a draft. Test tries what its settings name; Tried notes that
// somebody has signed in by way of trying it. Enable turns it on. Usable returns a
// source to sign in with, and Finish signs in whoever the provider has told of.
//
// # Whose identity it is
//
// An identity belongs to one person for good: no claim ever moves it. For a subject that is
// linked to nobody, Finish looks for the one person whose field equals one claim, where the
// source has a Match; links them if all of admit's conditions hold; and otherwise keeps the
// identity under a code, for WaitingKept. With the code an administrator calls Link.
//
// # Once
//
// What a browser has begun is good for one Finish: its hash is stored in the transaction
// that begins the session. Of many that come with the same one, on any node, one is
// signed in.
package signin
