package chaos_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/test/harness"
)

// crowd is an organization made by an administrator beside a running server.
type crowd struct {
	harness.Organization
	app harness.Credentials
}

// newCrowd makes an organization of size people in departments of deptSize,
// ten of which make a centre, with an app that may send to everyone.
func newCrowd(t *testing.T, h *harness.Home, name string, size, deptSize int) crowd {
	t.Helper()
	var c crowd
	h.Admin(t, &c.Organization, "org", "create", name)
	org := []string{"--org", c.CorpID}
	var file strings.Builder
	file.WriteString("userid,name,department\n")
	for i := range size {
		dept := i / deptSize
		fmt.Fprintf(&file, "u%d,Person %d,Centre %d/Team %d\n", i, i, dept/10, dept)
	}
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h.Admin(t, nil, append(org, "users", "import", path)...)
	h.Admin(t, &c.Departments, append(org, "dept", "list")...)
	h.Admin(t, &c.Users, append(org, "users", "list")...)
	h.Admin(t, &c.app, append(org, "app", "create", "Notices", "--send-to-everyone")...)
	if len(c.Users) != size {
		t.Fatalf("%d people were imported, %d are there", size, len(c.Users))
	}
	c.Apps = []harness.Credentials{c.app}
	return c
}

// description is a description with this organization alone.
func (c crowd) description(base string) harness.Description {
	return harness.Description{BaseURL: base, Organizations: []harness.Organization{c.Organization}}
}
