// Package moving checks from outside what a backup made beside a busy server
// holds, and what a restored server says to clients that knew more than it.
package moving
