// Package copier copies a whole database into an empty one, table by table, on
// any two engines, and makes sure that both hold the same afterwards.
//
// It reads one consistent snapshot (Source) and fills a target that nobody sees
// before it is whole (Target): a PostgreSQL transaction, or a file beside its
// place. Rows are streamed, so the memory needed does not grow with them. Which
// tables there are is asked of the schema; what becomes of each is decided in
// tables.go.
package copier
