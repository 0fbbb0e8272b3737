package outbound_test

import (
	"io"
	"log"
)

// quiet is for servers whose clients break off.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
