// Package app decides who may speak: apps, their installations (agents), what each may
// reach, their credentials, and the access tokens taken with them.
//
// # What to call, in which order
//
// To administer: CreateInternal makes an app with its one installation and its first
// secret. CreateThirdParty makes an app that Install then installs in other organizations.
// AddSecret and EndSecret replace a secret without a pause: a new one is added, the app
// takes it over, the old one is ended. Whoever changes something is told to each method as
// audit.By, and the change and its audit entry are one transaction.
//
// To answer an app on the wire:
//
//  1. TokenByKey, TokenByCorp, CorpToken or SuiteToken gives a token for a secret. While a
//     token lives the same one is given again.
//  2. Authenticate tells at each call which Caller a token stands for.
//  3. Caller.Require checks the scope of the call.
//  4. CountCall admits the call, or says when to try again.
//
// To know apps by what people name them by, their installations or their key, as reviews
// and cards do: Named, Address, AppOfAgent, AgentIn and InstallationOf.
//
// # How a token ends everywhere
//
// A Caller is what a valid access token stands for. It is made of rows of several tables
// (token, secret, app, agent, organization) that are read in one statement and then held
// in memory, so that a known token is accepted without a query. Every change to one of
// those rows advances one counter, the revocation counter, in its own transaction. Each
// node reads the counter every second (Run), and forgets all callers when it has moved. A
// caller that was not confirmed for two seconds is read from the database again. So a
// revoked token ends on every node within two seconds, also when the node cannot read the
// counter.
//
// # What is stored
//
// Tokens and secrets are never stored in clear. A token is an id and a MAC over it with
// the master key: its row holds only the id, so that any node can give the same token
// again. Secrets are encrypted with the master key, each bound to its own row.
//
// Which master key that is, masterkey decides. A token or a ciphertext that the store
// refuses, because another key came into use meanwhile, is made again.
package app
