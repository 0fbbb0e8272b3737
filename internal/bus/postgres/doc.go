// Package postgres carries hints by PostgreSQL's NOTIFY and LISTEN, on two
// connections of its own: one that listens and one that sends, neither ever
// inside a transaction of anybody else. Both are made when they are needed and
// again when they are lost.
package postgres
