// Package retry decides how long whoever failed waits before the next try.
package retry
