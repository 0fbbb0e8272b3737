// Package template decides what a reviewed message says: which fields the
// three forms have and where parameters may stand in them, what is wrong with
// a form before anybody reviews it, and how values become a message without
// becoming more than values.
//
// A Form is what an author writes. Lint tells what is wrong with it. Compile
// turns one without errors into a Template, which fills in values again and
// again: a value never adds a link, an element, a host or a scheme that the
// form did not have, whatever it says.
package template
