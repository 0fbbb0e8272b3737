// Package transfer takes a whole installation from one place to another: the
// database, the uploaded files, and the key file that belongs to them.
//
// This room decides
//
//   - what has to hold before anything is written: the source is not served,
//     the target is empty, the key file is the one the source was written with;
//   - the order in which things are written, so that whatever interrupts it,
//     nothing half-done looks whole: files first, then the database at once;
//   - what is said afterwards, to the person at the terminal.
package transfer
