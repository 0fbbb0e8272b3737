// Package copier copies a whole database into an empty one, table by table, on
// any two engines, and makes sure that both hold the same afterwards.
//
// It reads one consistent snapshot (Source) and fills a target that nobody sees
// before it is complete (Target): a PostgreSQL transaction, or a file beside its
// place. Rows are streamed, so the memory needed does not grow with them. The
// schema says which tables there are; tables.go decides what becomes of each.
package copier
