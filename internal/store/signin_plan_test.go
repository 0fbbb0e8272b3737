package store_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/store"
)

// Every statement about sources and identities finds its rows by an index.
func TestPlansOfSignInSources(t *testing.T) {
	t.Parallel()
	const (
		source   = "sqlite_autoindex_sign_in_source_1 (organization=? AND id=?)|using sign_in_source_"
		sources  = "sqlite_autoindex_sign_in_source_1 (organization=?|using sign_in_source_"
		named    = "sign_in_source_name (organization=? AND name=?)|using sign_in_source_"
		person   = "PRIMARY KEY (organization=? AND ordinal=?)|using employee_"
		subject  = "sqlite_autoindex_identity_1 (organization=? AND source_id=? AND subject=?)|using identity_"
		mine     = "identity_person (organization=? AND ordinal=?|using identity_"
		waits    = "sqlite_autoindex_waiting_identity_1 (organization=? AND source_id=? AND subject=?)|using waiting_identity_"
		sessions = "session_source (organization=? AND source_id=?|using session_"
	)
	ofSource, ofSubject, look := []any{1, "id"}, []any{1, "id", "subject"}, []any{1, "id", "value"}
	args := map[string][]any{
		"sources": {1}, "source": ofSource, "source lock": ofSource, "source name": ofSource, "source usable": ofSource,
		"source change": {1, "id", "name", "on", "{}", 7, 0, 2, nil, 1, []byte{}}, "counts": ofSource,
		"sessions of source": ofSource, "sessions of identity": {1, "id", 3},
		"linked": ofSubject, "by userid": look, "by job number": look, "by mail": look, "by mobile": look,
		"person": {1, "id", 3}, "person lock": {1, 3}, "done over": {1, 2, 3}, "identity used": {1, "id", "subject", 4},
		"waiting ref": ofSubject, "waiting end": ofSubject, "waiting over": {1, 2, 3},
		"waiting": {1, 2, 3, "ref", 5}, "waiting by ref": {1, "ref", 3},
		"identities": {1, 2}, "identity end": {1, 2, "id"}, "identities erase": {1, 2}, "identities lost": {1, 2},
		"sealed": {1, "id", 3, 4}, "reseal": {1, "id", 3, 4, []byte{}},
	}
	checkPlans(t, store.SignInStatements(), args, map[string][]string{
		"sources": {sources}, "source": {source}, "source lock": {source}, "source name": {named}, "source usable": {source}, "source change": {source},
		"counts":             {"(organization=? AND source_id=?)|using identity_", "employee_with_role (organization=?|using employee_"},
		"sessions of source": {sessions}, "sessions of identity": {sessions},
		"linked": {subject, person}, "by userid": {"employee_living (organization=? AND userid=?)|using employee_"},
		"by job number": {"employee_job_number (organization=? AND job_number=?)|using employee_"},
		"by mail":       {"employee_email (organization=? AND <expr>=?)|using employee_"},
		"by mobile":     {"employee_mobile (organization=? AND <expr>=?)|using employee_"},
		"person":        {person}, "person lock": {person},
		"done over": {"sign_in_done_age (organization=? AND until<?)|using sign_in_done_"}, "identity used": {subject},
		"waiting ref": {waits}, "waiting end": {waits}, "waiting over": {"waiting_identity_age (organization=? AND at<?)|using waiting_identity_"},
		"waiting": {"waiting_identity_age (organization=?|using waiting_identity_"}, "waiting by ref": {"waiting_identity_ref (organization=? AND ref=?)|using waiting_identity_"},
		"identities": {mine}, "identity end": {mine}, "identities erase": {mine}, "identities lost": {mine},
		"sealed": {"sqlite_autoindex_sign_in_source_1|using sign_in_source_"}, "reseal": {source},
	})
}
