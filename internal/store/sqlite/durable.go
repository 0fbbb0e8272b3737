//go:build !plantednormal

package sqlite

// synchronous is what every connection is set to, and what it reads back as.
const (
	synchronous     = "FULL"
	synchronousRead = "2"
)
