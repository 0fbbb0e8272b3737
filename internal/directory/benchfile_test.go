package directory_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkImportDryRun reads a file of 200,000 people and looks each of them up.
func BenchmarkImportDryRun(b *testing.B) {
	n := 200_000
	if testing.Short() {
		n /= 100
	}
	var text strings.Builder
	text.WriteString("userid,name,department,mobile,email,job_number,title\n")
	for i := range n {
		fmt.Fprintf(&text, "user%07d,员工 %d,分部%d/科%d/组%d,,user%07d@example.com,%d,工程师\n", i, i, i/10000, i/1000, i/100, i, i)
	}
	o := mustOrg(b, storetest.Open(b, "sqlite"), "Example")
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(text.String()), directory.ImportOptions{DryRun: true}); err != nil {
			b.Fatal(err)
		}
	}
}
