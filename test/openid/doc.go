// Package openid is an OpenID Provider for tests, made with a library that Tidings does
// not use itself, so that neither side repeats the other's mistakes.
//
// New returns it as a handler, for tests in process; test/openid/serve runs it beside a
// real browser. Who signs in there is asked for no password: a page lists the people, and
// one clicks who one is.
package openid
