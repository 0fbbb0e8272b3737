package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// What the audit log says of a change is found by comparing what is with what was.
// It holds ordinals, ids, roles, and the names of fields: nothing that erasing
// somebody would have to take out.

// entry is an entry about something in an organization.
func (s *Service) entry(by audit.By, organization int64, action audit.Action, subject string, details audit.Details) audit.Entry {
	return audit.Entry{
		Organization: organization, At: milli(s.now()), By: by, Action: action, Subject: subject, Details: details,
	}
}

// createdEntry tells that an organization was made.
func (s *Service) createdEntry(by audit.By, o Organization) audit.Entry {
	return s.entry(by, o.ID, audit.OrganizationCreate, audit.OrganizationSubject,
		audit.Details{"preset": o.Limits.Preset, "time_zone": o.TimeZone})
}

// joinedEntry tells that somebody is there who was not.
func (s *Service) joinedEntry(by audit.By, organization int64, u User) audit.Entry {
	return s.entry(by, organization, audit.PersonCreate, audit.PersonSubject(u.Ordinal),
		audit.Details{"departments": u.DeptIDs, "roles": u.Roles})
}

// userEntries tell how a person has changed.
func (s *Service) userEntries(by audit.By, organization int64, was, is User) []audit.Entry {
	var list []audit.Entry
	add := func(action audit.Action, details audit.Details) {
		list = append(list, s.entry(by, organization, action, audit.PersonSubject(is.Ordinal), details))
	}
	if !was.DeletedAt.Equal(is.DeletedAt) {
		add(audit.PersonDelete, nil)
	}
	if was.DisabledAt.IsZero() != is.DisabledAt.IsZero() {
		if is.DisabledAt.IsZero() {
			add(audit.PersonEnable, nil)
		} else {
			add(audit.PersonDisable, nil)
		}
	}
	moved := !slices.Equal(was.DeptIDs, is.DeptIDs)
	if names := audit.Changed(map[string]bool{
		"name": was.Name != is.Name, "dept_ids": moved, "mobile": was.Mobile != is.Mobile, "email": was.Email != is.Email,
		"job_number": was.JobNumber != is.JobNumber, "title": was.Title != is.Title,
	}); len(names) > 0 {
		details := audit.Details{"changed": names}
		if moved {
			details["departments"] = is.DeptIDs
		}
		add(audit.PersonSave, details)
	}
	if !slices.Equal(was.Roles, is.Roles) {
		add(audit.RolesSave, audit.Details{"roles": is.Roles, "before": was.Roles})
	}
	return list
}

// departmentEntry tells how a department has changed; false when it has not.
func (s *Service) departmentEntry(by audit.By, organization int64, was, is Department) (audit.Entry, bool) {
	names := audit.Changed(map[string]bool{
		"name": was.Name != is.Name, "parent_id": was.ParentID != is.ParentID, "order": was.Order != is.Order,
		"source_identifier": was.SourceIdentifier != is.SourceIdentifier,
	})
	details := audit.Details{"changed": names}
	if was.ParentID != is.ParentID {
		details["parent"] = is.ParentID
	}
	return s.entry(by, organization, audit.DepartmentSave, audit.DepartmentSubject(is.ID), details), len(names) > 0
}

// organizationEntry tells how an organization has changed; false when it has not.
// Of limits and retention it has what was decided anew.
func (s *Service) organizationEntry(by audit.By, was, is Organization) (audit.Entry, bool) {
	limits := differing(decided(was.Limits), decided(is.Limits))
	retention := differing(audit.FieldsOf(was.Retention), audit.FieldsOf(is.Retention))
	details := audit.Details{}
	maps.Copy(details, limits)
	maps.Copy(details, retention)
	disabled := was.DisabledAt.IsZero() != is.DisabledAt.IsZero()
	if disabled {
		details["disabled"] = !is.DisabledAt.IsZero()
	}
	if was.ReviewsOthers != is.ReviewsOthers {
		details["reviews_others"] = is.ReviewsOthers
	}
	if was.TimeZone != is.TimeZone {
		details["time_zone"] = is.TimeZone
	}
	names := audit.Changed(map[string]bool{
		"name": was.Name != is.Name, "time_zone": was.TimeZone != is.TimeZone, "limits": len(limits) > 0,
		"trusted_hosts": !slices.Equal(was.TrustedHosts, is.TrustedHosts), "retention": len(retention) > 0,
		"disabled": disabled, "contact": was.Contact != is.Contact, "reviews_others": was.ReviewsOthers != is.ReviewsOthers,
	})
	details["changed"] = names
	return s.entry(by, is.ID, audit.OrganizationSave, audit.OrganizationSubject, details), len(names) > 0
}

// decided are an organization's preset and what it decided otherwise.
func decided(l policy.Limits) audit.Details {
	stored, err := l.Stored()
	if err != nil {
		return nil
	}
	s := audit.FieldsOf(json.RawMessage(stored))
	fields, _ := s["own"].(map[string]any)
	values := audit.Details{"preset": s["preset"]}
	maps.Copy(values, fields)
	return values
}

// differing returns what is decided otherwise than it was; "default" for what is
// not decided any more.
func differing(before, after audit.Details) audit.Details {
	changed := audit.Details{}
	for name, value := range after {
		if !reflect.DeepEqual(before[name], value) {
			changed[name] = value
		}
	}
	for name := range before {
		if _, still := after[name]; !still {
			changed[name] = "default"
		}
	}
	return changed
}

// importLog writes an import's entries: begun in the transaction of its first
// change, done after the last. An import that changes nothing writes none.
type importLog struct {
	run   audit.Run
	begun bool
}

func (s *Service) importLog(by audit.By, organization int64, o ImportOptions) *importLog {
	e := s.entry(by, organization, audit.PeopleImport, audit.OrganizationSubject, audit.Details{"full": o.Full})
	return &importLog{run: audit.NewRun(e)}
}

// piece has write make one piece's decision, and the first one that changes
// something tell that the import has begun.
func (l *importLog) piece(decide decision, write func(decision) error) error {
	changed := false
	err := write(func(ctx context.Context, c *changing) (Changes, error) {
		changes, err := decide(ctx, c)
		if changed = !changes.Empty(); changed && !l.begun {
			changes.Entries = []audit.Entry{l.run.Begun()}
		}
		return changes, err
	})
	l.begun = l.begun || err == nil && changed
	return err
}

// imported tells what an import that has begun came to, also one that failed.
func (s *Service) imported(ctx context.Context, log *importLog, r ImportReport, failed error) error {
	if !log.begun {
		return nil
	}
	details := audit.Details{
		"created": r.Created, "changed": r.Updated, "disabled": r.Disabled, "roles_given": r.RolesGiven,
		"departments": r.Departments, "departments_changed": r.DepartmentsChanged,
	}
	if failed != nil {
		details["interrupted"] = true
	}
	// The pieces are committed: a caller that goes away now must not leave them
	// without their end.
	err := s.store.Record(context.WithoutCancel(ctx), log.run.Done(milli(s.now()), details))
	if err != nil {
		return fmt.Errorf("directory.Import: the audit log: %w", err)
	}
	return nil
}
