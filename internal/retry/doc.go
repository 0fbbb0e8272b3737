// Package retry decides how long to wait after a failure before the next try: 50 ms
// at first, twice as long each time, and never more than five seconds.
package retry
