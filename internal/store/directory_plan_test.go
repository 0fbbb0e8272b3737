package store_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Every statement of the directory finds its rows by an index, and none sorts.
func TestPlansOfTheDirectory(t *testing.T) {
	t.Parallel()
	args := map[string][]any{
		"organization": {1}, "corp id": {"corp1"}, "revision": {1}, "advance": {1}, "ordinals taken": {1, 2},
		"update":      {1, "c", "n", "z", "{}", "[]", "{}", 0, nil, "", 0, ""},
		"departments": {1, 3}, "changed members": {1, 3}, "members": {1, 10, 20}, "names": {1, 10, 20}, "mobiles": {1, 10, 20}, "users": {1, 10, 20}, "with role": {1, "%owner%", 3}, "with mobile": {1, "1", "2", "3", "4", "5", "6", "7", "8"},
		"some users": {1, 1, 2, 3, 4, 5, 6, 7, 8},
	}
	organization, revision := "organization USING", "SEARCH org_revision|org_revision_pkey"
	person := "PRIMARY KEY (organization=? AND ordinal|employee_pkey"
	indexes := map[string]string{
		"organization": organization + "|organization_pkey", "corp id": "organization_2|organization_corp_id_key",
		"revision": revision, "advance": revision, "ordinals taken": revision, "update": organization + "|organization_pkey",
		"departments":     "department_changed (organization=? AND directory_revision>?)|department_changed",
		"changed members": "employee_changed (organization=? AND directory_revision>?)|employee_changed",
		"with role":       "employee_with_role (organization=?)|employee_with_role",
		"with mobile":     "employee_mobile (organization=? AND <expr>=?)|employee_mobile",
		"members":         person, "names": person, "mobiles": person, "users": person, "some users": person,
	}
	wrong := regexp.MustCompile(`SCAN |Seq Scan on |TEMP B-TREE|\bSort\b`)
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := directorySeeded(t, engine)
			for name, text := range store.DirectoryStatements() {
				plan := s.Plan(text, args[name]...)
				sqlite, postgres, _ := strings.Cut(indexes[name], "|")
				if sqlite == "" || !strings.Contains(plan, sqlite) && !strings.Contains(plan, postgres) {
					t.Errorf("%s does not use %q:\n%s", name, indexes[name], plan)
				}
				if wrong.MatchString(plan) {
					t.Errorf("%s scans or sorts:\n%s", name, plan)
				}
			}
		})
	}
}

// directorySeeded returns a Sender to a database with two organizations of
// 1,000 people and 50 departments.
func directorySeeded(t *testing.T, engine string) *storetest.Sender {
	t.Helper()
	ctx := context.Background()
	address := storetest.Ready(t, engine)
	s := directory.New(directory.Deps{Store: storetest.At(t, address, nil).Directory(), Now: time.Now})
	for i := range 2 {
		o, err := s.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Example", CorpID: fmt.Sprintf("corp%d", i+1)})
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		file.WriteString("userid,name,department,mobile\n")
		for n := range 1000 {
			fmt.Fprintf(&file, "u%d,User %d,team %d,1380000%04d\n", n, n, n%50, n)
		}
		if _, err := s.Import(ctx, audit.ByOperator(), o.ID, &file, directory.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	sender := storetest.NewSender(t, address)
	sender.Analyze()
	return sender
}
