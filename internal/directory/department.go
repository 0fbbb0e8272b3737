package directory

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// RootID is the department every tree begins with. It is named after the
// organization and cannot be changed or deleted.
const RootID = 1

// maxID is the largest id that survives a JSON number.
const maxID = 1<<53 - 1

// Department is one node of the tree. The root's ParentID is 0. DeletedAt is
// zero for every department that callers see.
type Department struct {
	ID       int64
	ParentID int64
	Name     string
	Order    int64 // siblings are shown in ascending order, then by id

	// SourceIdentifier is what a program that writes departments calls this one, "" for
	// nothing. Several may have the same.
	SourceIdentifier string

	CreatedAt time.Time
	DeletedAt time.Time
}

// NewDepartment describes a department to be made. ID 0 takes the next free
// one, ParentID 0 is the root.
type NewDepartment struct {
	ID       int64
	ParentID int64
	Name     string
	Order    int64

	SourceIdentifier string
}

// DepartmentChange says what to change; nil leaves a field as it is.
type DepartmentChange struct {
	ParentID *int64
	Name     *string
	Order    *int64

	SourceIdentifier *string
}

// maxSourceIdentifier is how many characters a source identifier may have.
const maxSourceIdentifier = 128

// check looks at what needs no tree.
func (d Department) check() error {
	if err := checkDepartmentName(d.Name); err != nil {
		return err
	}
	return checkText("source_identifier", d.SourceIdentifier, 0, maxSourceIdentifier)
}

// checkDepartmentName wants 1 to 64 characters, none of - , ， and none that
// nobody can see.
func checkDepartmentName(name string) error {
	n := utf8.RuneCountInString(name)
	if r, found := message.Unseen(name); found && n <= 64 {
		return fault.New(fault.CodeDepartmentName, "a department's name holds U+%04X, which nobody can see", r).WithField("name")
	}
	if n == 0 || n > 64 || !utf8.ValidString(name) || strings.ContainsAny(name, "-,，") {
		return fault.New(fault.CodeDepartmentName, "a department's name has 1 to 64 characters and none of - , ，").
			WithField("name").WithLimit(64, int64(n))
	}
	return nil
}
