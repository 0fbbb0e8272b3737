//go:build plantednormal

package sqlite

// A planted fault: with NORMAL a power cut loses acknowledged sends. The tests
// that cut the power build a server with this tag to see that they would find
// it. Nothing else sets it.
const (
	synchronous     = "NORMAL"
	synchronousRead = "1"
)
