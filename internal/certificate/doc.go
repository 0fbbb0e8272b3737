// Package certificate decides with which certificate a server proves its name, and
// makes certificates for names that no public authority vouches for here.
//
// A server calls Open with the files of its certificate and key, and gives
// Files.Get to its TLS configuration. Run looks every few seconds whether the files
// are others by now, and takes them as a pair or not at all: while they are being
// replaced, one after the other, the pair of before goes on. Reload does that at once.
//
// Examine says what whoever runs the server should know of a pair: that it ends soon,
// that it is for another name, that others may read its key.
//
// MakeAuthority makes an authority of one's own with one server certificate, for
// clients whose host is fixed and for networks of tests. It vouches for the names that
// it was made for and for no others, because whoever trusts it trusts it for nothing else.
package certificate
