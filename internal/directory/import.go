package directory

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// importPiece is how many rows one transaction writes.
	importPiece = 200
	// importTries is how often a piece is tried while somebody else holds the
	// organization's row. The database waits before it gives up, so that this
	// is seconds.
	importTries = 20
)

// ImportOptions say how to import.
type ImportOptions struct {
	DryRun bool // check and count, and write nothing
}

// ImportReport says what an import did, or in a dry run would do. Errors holds
// the first 1,000 of ErrorCount wrong lines.
type ImportReport struct {
	Created     int // people
	Updated     int
	Unchanged   int
	Departments int // made for people's paths
	Errors      []LineError
	ErrorCount  int
}

// Import reads people from comma-separated values: UTF-8 with or without a
// byte order mark, fields quoted where needed, a header of ImportColumns in
// any order. Only userid is required, and name for new people.
//
// A department is a path of names below the root, 研发中心/平台组, made where
// it is missing; dept_id names an existing one. Both take several, separated
// by commas, and are what the person belongs to from then on; left empty they
// put a new person into the root and leave others where they are. roles takes
// several too and stays when left empty. An empty mobile, email, job_number or
// title clears it; a column that is not there leaves it. Whoever is disabled
// stays so; nobody is deleted.
//
// All lines are checked first, and one that is wrong stops everything: the
// report names them, nothing is written, and the error is parameter_invalid.
// After that the writing goes in pieces of at most 200 people, each a
// transaction of its own behind whatever else is waiting. When one fails the
// pieces before it stay, as the report counts them, and importing the same
// file again completes it.
func (s *Service) Import(ctx context.Context, organization int64, file io.Reader, o ImportOptions) (ImportReport, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return ImportReport{}, err
	}
	f, err := readImport(file)
	if err != nil {
		return ImportReport{}, err
	}
	t.mu.RLock()
	p := f.plan(t.snap)
	t.mu.RUnlock()
	report := ImportReport{Errors: f.errors.list, ErrorCount: f.errors.count}
	if f.errors.count > 0 {
		return report, fault.New(fault.CodeParameterInvalid, "%d errors in the file, nothing was imported", f.errors.count)
	}
	if o.DryRun {
		report.Departments = len(p.missing)
		return report, s.rehearse(ctx, organization, t, p, &report)
	}
	if err := s.makeMissing(ctx, organization, p, &report); err != nil {
		return report, err
	}
	t.mu.RLock()
	p.sort(t.snap)
	t.mu.RUnlock()
	return report, s.writePeople(ctx, organization, p, &report)
}

// makeMissing makes the departments, parents first.
func (s *Service) makeMissing(ctx context.Context, organization int64, p *importPlan, report *ImportReport) error {
	for len(p.made) < len(p.missing) {
		first, last := len(p.made), min(len(p.made)+importPiece, len(p.missing))
		var made int
		err := s.changePiece(ctx, organization, func(_ context.Context, c *changing) (Changes, error) {
			var changes Changes
			// A piece that is tried again begins anew.
			p.made, made = p.made[:first], 0
			err := c.see(func(snap *snapshot) error {
				for _, m := range p.missing[first:last] {
					d, err := s.missingNow(&snap.tree, p.real(m.parent), m.name, int64(made))
					if err != nil {
						return err
					}
					p.made = append(p.made, d.ID)
					if d.CreatedAt.IsZero() {
						continue // somebody else has made it meanwhile
					}
					made++
					changes.Departments = append(changes.Departments, d)
				}
				return nil
			})
			return changes, err
		})
		if err != nil {
			return err
		}
		report.Departments += made
	}
	return nil
}

// missingNow is the department to make as the nth of a piece, or one without
// CreatedAt when it is there after all.
func (s *Service) missingNow(t *tree, parent int64, name string, nth int64) (Department, error) {
	if id, ok := t.child(parent, name); ok {
		return Department{ID: id}, nil
	}
	// A parent with a new id is made in this very piece.
	if _, ok := t.find(parent); !ok && parent <= t.maxID {
		return Department{}, fault.New(fault.CodeDepartmentParent, "department %d was deleted during the import", parent)
	}
	id, err := t.freshID(t.maxID + 1 + nth)
	return Department{ID: id, ParentID: parent, Name: name, CreatedAt: milli(s.now())}, err
}

func (s *Service) writePeople(ctx context.Context, organization int64, p *importPlan, report *ImportReport) error {
	for rows := p.rows; len(rows) > 0; {
		piece := rows[:min(importPiece, len(rows))]
		var count merged
		err := s.changePiece(ctx, organization, func(ctx context.Context, c *changing) (Changes, error) {
			var err error
			count, err = s.merge(ctx, organization, p, piece, c)
			changes := Changes{Users: count.users}
			if count.created > 0 {
				changes.NextOrdinal = c.at.NextOrdinal + uint32(count.created)
			}
			return changes, err
		})
		if err != nil {
			return err
		}
		count.addTo(report)
		rows = rows[len(piece):]
	}
	return nil
}

// rehearse counts what writePeople would do.
func (s *Service) rehearse(ctx context.Context, organization int64, t *tenant, p *importPlan, report *ImportReport) error {
	at, err := s.store.DirectoryRevision(ctx, organization)
	if err != nil {
		return err
	}
	for rows := p.rows; len(rows) > 0; {
		piece := rows[:min(importPiece, len(rows))]
		count, err := s.merge(ctx, organization, p, piece, &changing{Reader: s.store, at: at, tenant: t})
		if err != nil {
			return err
		}
		count.addTo(report)
		rows = rows[len(piece):]
	}
	return nil
}

// changePiece tries one piece until the organization's row is to be had.
func (s *Service) changePiece(ctx context.Context, organization int64, decide decision) (err error) {
	for range importTries {
		err = s.changeLater(ctx, organization, decide)
		if !fault.Is(err, fault.CodeBusy) || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("directory.Import: %w", err), ctx.Err())
	}
	return nil
}
