// Package media keeps the files that messages show: pictures, recordings and
// documents that apps upload.
//
// This room decides
//
//   - what a file is: by its content, never by its name or by what the sender
//     calls it, and which kinds and sizes are taken (Kinds);
//   - that pictures are decoded within a budget of memory and written anew:
//     nothing of the original survives but its pixels, turned upright;
//   - where a file lies and how it gets there: written beside its place, synced,
//     renamed, and only then entered in the database (Service.Upload);
//   - how a file is handed to a browser: never as something that runs (Serve).
//
// # On disk
//
// A file lies at ORGANIZATION/XX/ID below the directory of New, XX being two
// characters of its random id. No part of the path comes from a client. The
// file's name is metadata, used only to offer it for download.
//
// # What is trusted
//
// Nothing of an upload. A kind that does not match the content is refused; a
// picture is what decodes; a zip or an old Office file is looked into far
// enough to say which it is. Everything but a picture written by this room is
// served as an attachment, so that a file which is two things at once never
// becomes the second one in a browser.
package media
