// Package masterkey decides which master key is used for what. Secrets and suite
// tickets are encrypted with a master key, and access tokens, backups and entries of
// the audit log are made with keys derived from it.
//
// A Ring holds the keys of the key file, by number. A Record, in the database, says
// which one is in use; Ring.Bind makes sure that the two go together, and
// Ring.Follow takes over what the record says by now. What is to be stored with
// another key than the one in use is refused (ErrMoved), and made again.
//
// A Rotation replaces the key in use: call Add, Switch and Drop, in this order and
// each until it succeeds. A node that serves runs a Watch, which reads the key
// file again when it changes and says in the database which keys the node holds, so
// that none comes into use that a node has not got.
//
// For example, with key 1 in use, Add writes key 2 into the file. Nodes read it.
// Switch makes key 2 the one in use and encrypts every secret with it. A token that
// was signed with key 1 is good for two more hours, then Drop takes key 1 away.
package masterkey
