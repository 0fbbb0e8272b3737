package route

import (
	"net/http"

	"github.com/tidings-im/tidings/internal/fault"
)

// byKind is the one table from a failure to its status.
var byKind = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Exhausted:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// byCode holds the few that HTTP has a status of their own for.
var byCode = map[fault.Code]int{
	fault.CodeMethodNotAllowed: http.StatusMethodNotAllowed,
	fault.CodeBodyTooLarge:     http.StatusRequestEntityTooLarge,
	fault.CodeStorageFull:      http.StatusInsufficientStorage,
	fault.CodeCommitUnknown:    http.StatusInternalServerError, // may have been done: not "try again"
}

// Status returns the HTTP status of a failure.
func Status(f *fault.Fault) int {
	if status, ok := byCode[f.Code]; ok {
		return status
	}
	if status, ok := byKind[f.Kind]; ok {
		return status
	}
	return http.StatusInternalServerError
}
