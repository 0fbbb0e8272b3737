// Package store holds all SQL of Tidings.
//
// One hand-written text in the common subset of SQLite and PostgreSQL, with $N
// placeholders, runs on both; what differs is behind Engine. Each domain room
// declares the few methods it needs, and one small type here implements them
// (Organizations, Apps, Tasks, Inbox, …), with names from a fixed grammar:
// Create, ByX, Claim, Mark, Delete.
//
// Every table but the few installation-wide ones leads with the organization,
// and so does every key and index.
package store
