// Package callback decides what apps are told of by themselves: which changes are an
// event, who hears it, in which order, and when an event is given up.
//
// The form is DingTalk's: an event is a JSON object, encrypted with a key that the app
// and Tidings know, and posted to the app's address, which answers with an encrypted
// "success". Cipher is that encryption.
package callback
