// Package bench measures what Tidings is for, each beside its baseline in the
// same run: docs/performance.md has the figures and how they were made.
//
//	make bench
//
// Nothing here is asserted; a benchmark that misses its aim still passes.
package bench
