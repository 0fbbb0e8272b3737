// Package app decides who may speak: apps, their installations (agents), what
// each may reach, their credentials, and the access tokens taken with them.
//
// A Caller is what a valid access token stands for. It is made of rows of
// several tables (token, secret, app, agent, organization) that are read in
// one statement and then held in memory, so that accepting a known token asks
// nobody. Every change to one of those rows advances one counter, the
// revocation counter, inside its own transaction. Each node reads the counter
// every second, and a counter that moved makes the node forget all callers;
// what is not confirmed for two seconds is asked of the database again. So a
// revoked token dies everywhere within two seconds, also when the node cannot
// read the counter.
//
// Tokens and secrets are never stored in clear. A token is an id and a MAC
// over it with the master key: its row holds only the id, so that any node can
// give the same token again. Secrets are encrypted with the master key, each
// bound to its own row.
//
// Which master key that is, masterkey decides. A token or a ciphertext that the store
// refuses, because another key came into use meanwhile, is made again.
package app
