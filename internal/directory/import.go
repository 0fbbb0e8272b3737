package directory

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/sheet"
)

const (
	// importPiece is how many rows one transaction writes.
	importPiece = 200
	// maxImport bounds a file, which is copied to a temporary one, in bytes.
	maxImport = 1 << 30
	// maxListed bounds the userids in a report.
	maxListed = 1000
)

// ImportOptions say how to import.
type ImportOptions struct {
	DryRun bool // check and count, and write nothing
	// Full: the file is everyone. Active people who are not in it are disabled.
	Full bool
	// MaxDisabled is how many of the active people, in percent, an import may
	// disable: those missing from a full file, and those its column state
	// disables. Above it nothing is written, and the report is Held.
	MaxDisabled int
}

// ImportReport says what an import did, or in a dry run would do. Errors holds
// the first 1,000 of ErrorCount wrong lines, Missing the first 1,000 of
// MissingCount userids.
type ImportReport struct {
	Encoding  string // UTF-8, UTF-16 or GB18030
	Separator rune   // comma, semicolon or tab

	Created            int // people
	Updated            int
	RolesGiven         int // people whose roles are others than before, or than employee for new ones
	Unchanged          int
	Departments        int // made for people's paths
	DepartmentsChanged int // renamed or moved, where the file gives their ids
	Disabled           int // of those missing from a full file
	StillDisabled      int // in the file and disabled before: they stay so

	Missing      []string // active, and not in a full file
	MissingCount int

	Active     int  // before the import
	Disabling  int  // people who were active and would be disabled
	Held       bool // by MaxDisabled
	Errors     []LineError
	ErrorCount int
}

// Import reads people from a file of separated values with a header of
// ImportColumns in any order: docs/people.md describes the format whole.
// Encoding and separator are found out. Only userid is required, and name for
// new people; an empty cell of department, dept_id, roles or state leaves what
// is there, one of mobile, email, job_number or title clears it, and "-" clears
// any of them. A column that is not there leaves its field. Nobody is deleted.
//
// A department is a path of names below the root, 研发中心/平台组, made where
// it is missing; dept_id names an existing one. Given both, the id says which
// department it is, and the path where it stands and what it is called: it is
// made, renamed or moved accordingly.
//
// All lines are checked first, and one that is wrong stops everything: the
// report names them, nothing is written, and the error is parameter_invalid.
// So it is with a file that would disable too many, by conflict. After that the
// writing goes in pieces of at most 200 people, each a transaction of its own
// behind whatever else is waiting, departments first, those who are missing
// last. When one fails the pieces before it stay, as the report counts them,
// and importing the same file again completes it. The audit log has when the writing
// began, with the first piece, and what was done in the end.
//
// The file is copied: a long one to a temporary file without a name.
func (s *Service) Import(ctx context.Context, by audit.By, organization int64, file io.Reader, o ImportOptions) (ImportReport, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return ImportReport{}, err
	}
	text, err := sheet.ReadText(file, maxImport)
	var unreadable sheet.Unreadable
	if errors.As(err, &unreadable) {
		report := ImportReport{Errors: []LineError{{Line: unreadable.Line, Reason: unreadable.Reason}}, ErrorCount: 1}
		return report, fault.New(fault.CodeParameterInvalid, "the file cannot be read, nothing was imported")
	}
	if err != nil {
		return ImportReport{}, err
	}
	log := s.importLog(by, organization, o)
	report, err := s.importText(ctx, organization, t, text, o, log)
	err = errors.Join(err, s.imported(ctx, log, report, err))
	return report, errors.Join(err, text.Close())
}

func (s *Service) importText(
	ctx context.Context, organization int64, t *tenant, text *sheet.Text, o ImportOptions, log *importLog,
) (ImportReport, error) {
	f, err := readImport(text, t)
	if err != nil {
		return ImportReport{}, err
	}
	t.mu.RLock()
	f.places.resolve(&t.snap.tree)
	missing := roaring.New()
	if o.Full {
		missing = roaring.AndNot(t.snap.active, f.named)
	}
	active := int(t.snap.active.GetCardinality())
	t.mu.RUnlock()
	f.complain()
	report := f.report(active, missing, o)
	if f.errors.count > 0 {
		return report, fault.New(fault.CodeParameterInvalid, "%d errors in the file, nothing was imported", f.errors.count)
	}
	s.nameMissing(organization, missing, &report)
	if o.DryRun {
		err = s.rehearse(ctx, organization, t, f, &report)
	}
	if report.Held {
		return report, errors.Join(err, report.held(o.MaxDisabled))
	}
	if o.DryRun {
		return report, err
	}
	if err := s.changeDepartments(ctx, organization, &f.places, &report, log); err != nil {
		return report, err
	}
	t.mu.RLock()
	f.sort(t.snap)
	t.mu.RUnlock()
	if err := s.writePeople(ctx, organization, f, &report, log); err != nil {
		return report, err
	}
	return report, s.disableMissing(ctx, organization, missing, &report, log)
}

// report is what is known of a file before anything is written.
func (f *importFile) report(active int, missing *roaring.Bitmap, o ImportOptions) ImportReport {
	r := ImportReport{
		Encoding: f.text.Encoding, Separator: f.comma, Errors: f.errors.list, ErrorCount: f.errors.count,
		MissingCount: int(missing.GetCardinality()), StillDisabled: f.stillDisabled,
		Active: active, Disabling: f.disabling + int(missing.GetCardinality()),
	}
	r.Held = r.ErrorCount == 0 && r.Disabling*100 > o.MaxDisabled*active
	return r
}

// Percent is how many of the active people would be disabled, rounded up.
func (r ImportReport) Percent() int {
	if r.Active == 0 {
		return 0
	}
	return (r.Disabling*100 + r.Active - 1) / r.Active
}

// held says why a file was refused that disables too many.
func (r ImportReport) held(most int) error {
	percent := r.Percent()
	return fault.New(fault.CodeConflict, "the file would disable %d of %d active people, %d %%; the limit is %d %%",
		r.Disabling, r.Active, percent, most).WithLimit(int64(most), int64(percent))
}

func (s *Service) nameMissing(organization int64, missing *roaring.Bitmap, report *ImportReport) {
	for userid := range s.Userids(organization, missing) {
		if len(report.Missing) == maxListed {
			return
		}
		report.Missing = append(report.Missing, userid)
	}
}

func (s *Service) writePeople(ctx context.Context, organization int64, f *importFile, report *ImportReport, log *importLog) error {
	return f.pieces(func(piece []importRow) error {
		var count merged
		err := s.changePiece(ctx, organization, log, func(ctx context.Context, c *changing) (Changes, error) {
			var err error
			count, err = s.merge(ctx, organization, f, piece, c)
			changes := Changes{Users: count.users}
			if count.created > 0 {
				changes.NextOrdinal = c.at.NextOrdinal + uint32(count.created)
			}
			return changes, err
		})
		if err == nil {
			count.addTo(report)
		}
		return err
	})
}

// pieces reads the rows again, in their order, as many at once as one
// transaction writes.
func (f *importFile) pieces(each func([]importRow) error) error {
	for rows := f.rows; len(rows) > 0; {
		n := min(importPiece, len(rows))
		piece, err := f.read(rows[:n])
		if err == nil {
			err = each(piece)
		}
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// disableMissing disables people who are not in the file.
func (s *Service) disableMissing(ctx context.Context, organization int64, missing *roaring.Bitmap, report *ImportReport, log *importLog) error {
	ordinals := missing.ManyIterator()
	var some [importPiece]uint32
	for n := ordinals.NextMany(some[:]); n > 0; n = ordinals.NextMany(some[:]) {
		var disabled int
		err := s.changePiece(ctx, organization, log, func(ctx context.Context, c *changing) (Changes, error) {
			users, err := c.UsersByOrdinal(ctx, organization, some[:n])
			var changes Changes
			for _, u := range users {
				if u.DeletedAt.IsZero() && u.DisabledAt.IsZero() { // still
					u.DisabledAt = milli(s.now())
					changes.Users = append(changes.Users, u)
				}
			}
			disabled = len(changes.Users)
			return changes, err
		})
		if err != nil {
			return err
		}
		report.Disabled += disabled
	}
	return nil
}

// rehearse counts what would be written.
func (s *Service) rehearse(ctx context.Context, organization int64, t *tenant, f *importFile, report *ImportReport) error {
	report.Departments, report.DepartmentsChanged = len(f.places.missing), len(f.places.moved)
	report.Disabled = report.MissingCount
	at, err := s.store.DirectoryRevision(ctx, organization)
	if err != nil {
		return err
	}
	return f.pieces(func(piece []importRow) error {
		count, err := s.merge(ctx, organization, f, piece, &changing{Reader: s.store, at: at, tenant: t})
		if err == nil {
			count.addTo(report)
		}
		return err
	})
}

// changePiece writes one piece. The store tries it for a while until the
// organization's row is to be had.
func (s *Service) changePiece(ctx context.Context, organization int64, log *importLog, decide decision) error {
	if err := log.piece(decide, func(decide decision) error { return s.changeLater(ctx, organization, decide) }); err != nil {
		return errors.Join(fmt.Errorf("directory.Import: %w", err), ctx.Err())
	}
	return nil
}
