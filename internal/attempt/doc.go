// Package attempt decides how often an address may fail to show who it is.
//
// Try runs a check of a credential. Failures are counted for each kind of
// credential and each address, an IPv6 address with all of its /64. An address
// may fail Allowance times; then its next failure costs a wait, 1 s at first
// and twice as long each time, up to MaxWait. Every Forgive without a failure
// takes one away again. Who is refused during a wait costs no look-up.
//
// Several people may share one address. So nothing is refused but what could
// be a guess: a credential that was good once passes even while its address
// waits, and what is good is never counted. Only somebody who presents a good
// credential for the first time, beside somebody who fails all the time, is
// told to come back.
//
// Memory is bounded: so many addresses and so many credentials are remembered,
// the latter by a digest.
package attempt
