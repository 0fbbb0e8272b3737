// Package account decides who a person at the inbox is: today by personal API
// tokens, which people and their scripts present as bearer tokens.
//
// The value of a token is shown once, when it is made; the database holds its
// SHA-256, which is enough for a secret of 128 random bits. What was read is
// believed for one second, so a revoked token dies everywhere within that;
// whether its person is still there is asked of the directory every time.
package account
