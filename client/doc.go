// Package client is a client of Tidings for programs in Go. It speaks DingTalk's
// wire as an app does, and our own API as a person's program does, and needs
// nothing beside the standard library.
//
//   - New says where the server is. Client.App is an app that works in one
//     organization: it sends, follows what it sent, looks people up, changes them where
//     it may, and uploads files. Client.Inbox is one person's Work Notifications.
//   - Credentials say how an app gets its access token: AppKey for an internal
//     app, Suite or ClientCredentials for a third-party app. The app keeps the
//     token, and takes another one before it ends and when the server does not
//     know it any more.
//   - An answer that says no is an *Error. Unknown tells it from a call of which
//     nobody knows what became.
//
// A call that the server was too busy for, or that it throttled, is made again by
// itself after a pause, as long as its context lets it. A call without an answer is
// made again only where twice does the same as once: reading, recalls, status bars,
// and sends with a key. docs/contract.md has the meaning of every call.
package client
