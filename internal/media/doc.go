// Package media keeps the files that messages show: pictures, recordings and
// documents that apps upload.
//
// This room decides
//
//   - what a file is: by its content, never by its name or by what the sender
//     calls it, and which kinds and sizes are taken (Kinds);
//   - that pictures are decoded within a budget of memory and of work, which is
//     known before decoding begins, and written anew: nothing of the original
//     survives but its pixels, turned upright;
//   - whose picture is decoded next: organizations take turns, and decoding ends
//     when the client hangs up or after half a minute;
//   - how a file gets to its place: what is on its way is noted, its content
//     stored durably, and only then entered in the database (Service.Upload);
//   - how a file is handed to a browser: never as something that runs (Serve).
//
// # Where contents are
//
// In a Storage: a directory (Disk), the database (package store), or an object
// storage (package s3). An upload passes through a file without a name on the
// local disk, where it is looked at. Keys are made of the organization and the
// random id; no part of them comes from a client. A file's name is metadata,
// used only to offer it for download.
//
// # What is trusted
//
// Nothing of an upload. A kind that does not match the content is refused; a
// picture is what decodes; a zip or an old Office file is looked into far
// enough to say which it is. Everything but a picture written by this room is
// served as an attachment, so that a file which is two things at once never
// becomes the second one in a browser.
package media
