package sqlite

import "testing"

func TestPositional(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)": "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
		"SELECT $1 WHERE a = '$2' AND b = $2":            "SELECT ? WHERE a = '$2' AND b = ?",
		"SELECT a FROM t WHERE b = $1 OR c = $1":         "SELECT a FROM t WHERE b = $1 OR c = $1",
		"UPDATE t SET a = $2 WHERE b = $1":               "UPDATE t SET a = $2 WHERE b = $1",
		"SELECT 'it''s' || $1":                           "SELECT 'it''s' || ?",
		"SELECT $name":                                   "SELECT $name",
		"SELECT 1":                                       "SELECT 1",
	} {
		if got := positional(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
