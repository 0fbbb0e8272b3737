// Package audit says who did what, and when: one Entry for every step that
// somebody may have to answer for. Entries are written in the transaction of
// the step itself, or before it where it is somebody else's, so that there is no
// step without one, and never change.
package audit
