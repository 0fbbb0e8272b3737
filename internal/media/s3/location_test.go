package s3_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/media/s3"
)

func TestLocations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]s3.Location{
		"https://s3.example.com/files":                                         {Endpoint: "s3.example.com", Bucket: "files"},
		"http://127.0.0.1:9000/files/":                                         {Endpoint: "127.0.0.1:9000", Insecure: true, Bucket: "files"},
		"https://s3.example.com/files/tidings/a/?region=eu-1&path-style=true":  {Endpoint: "s3.example.com", Bucket: "files", Prefix: "tidings/a", Region: "eu-1", PathStyle: true},
		"https://s3.example.com/files?path-style=false&region=eu-1&region=eu2": {Endpoint: "s3.example.com", Bucket: "files", Region: "eu2"},
	} {
		got, err := s3.ParseLocation(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}
