// Package s3 keeps the contents of files in a bucket of an S3-compatible object
// storage. Keys are PREFIX/ORGANIZATION/XX/ID, as on a disk. An object is there
// whole or not at all: an upload that is interrupted leaves nothing that can be
// reached.
package s3
