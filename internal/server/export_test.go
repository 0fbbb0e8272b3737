package server

import (
	"log/slog"
	"net/http"
)

// NewGuard puts the guard in front of a handler of a test.
func NewGuard(next http.Handler) http.Handler {
	return &guard{next: next, log: slog.New(slog.DiscardHandler), metrics: newMetrics()}
}
