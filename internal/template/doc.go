// Package template decides what a reviewed message says: which fields the three kinds
// of forms have, where parameters may stand in them, and how values are written there.
//
// A Form is what an author writes, with parameters such as ${name} in its texts. A
// Template is a form without errors, ready to be filled in. Values are what a sender
// gives for the parameters.
//
// # What to call, in which order
//
//  1. Lint, whenever an author wants to know what is wrong. It returns findings; those of
//     severity Error keep the form from being submitted.
//  2. Compile, for a form that nobody has reviewed, such as a preview's. It runs Lint
//     again and fails with a *FormError. Approved, for a version that Lint passed when it
//     was submitted: a later Lint must not stop what a reviewer has approved.
//  3. Template.LookUp, once for each send and receiving organization. It returns the names
//     of the users and departments that values mention.
//  4. Template.Message, with the values and these names. It returns a message.Message,
//     checked as any message is, or says which value is missing or cannot be written.
//     Template.Sample does this with the samples of the form, for previews.
//
// # What a value may do
//
// A value stays a value: whatever it says, it never adds a link, an element, a host or a
// scheme that the form does not have. In a Markdown text its punctuation is escaped. In
// an address it is percent-encoded, and refused where it would lead to another host than
// the form says. In a plain field it is taken as it is. So a reviewer who has read the
// form knows where everything leads that can be sent.
package template
