package rest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/sheet"
	"github.com/tidings-im/tidings/internal/task"
)

const exportText = "A file with everybody whom listRecipients shows with the same filters, in the same order, as it is at this moment; the header " +
	"Tidings-Rows says how many. Its columns are userid, name, job_number, departments, state, read_at, code, threshold and given; times are " +
	"those of the organization's zone. A CSV begins with a byte order mark, and a cell that could be taken for a formula with an apostrophe; a " +
	"workbook holds text alone; its limit is 1,048,575 people. The file is written while it is read: when something fails, the connection is cut. " +
	"A server writes four at a time and answers others with 503 busy and Retry-After. Other sites cannot have a browser ask for it. The audit log has each; " +
	"HEAD tells how many people there are, and nothing leaves."

// exports writes files of the people of tasks.
type exports struct {
	tasks *tasks
	log   *slog.Logger
}

// exportFormat is a format, and what a browser is told that it is.
type exportFormat struct {
	task.Format

	contentType string
	begin       func(io.Writer) (sheet.Writer, error)
}

// What files of tables are called.
const (
	csvType  = "text/csv"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// exportFormats are by the names that the query has for them. A workbook needs a row
// for the names of the columns.
var exportFormats = map[string]exportFormat{
	"csv": {
		task.Format{Name: "csv"},
		csvType + "; charset=utf-8",
		func(w io.Writer) (sheet.Writer, error) { return sheet.NewCSV(w), nil },
	},
	"xlsx": {
		task.Format{Name: "xlsx", MaxRows: sheet.MaxXLSXRows - 1},
		xlsxType,
		sheet.NewXLSX,
	},
}

// exportColumns are called as an import calls them, where it knows them.
var exportColumns = []string{"userid", "name", "job_number", "departments", "state", "read_at", "code", "threshold", "given"}

// exportQuery is which people of a task are asked for, and how.
type exportQuery struct {
	TaskPath
	RecipientFilter
	Format string `query:"format" enum:"csv,xlsx" default:"csv" doc:"What the file is."`
	Site   string `header:"Sec-Fetch-Site" hidden:"true"`

	isHead bool
}

// Resolve notes whether the file itself is asked for.
func (in *exportQuery) Resolve(ctx huma.Context) []error {
	in.isHead = ctx.Method() == http.MethodHead
	return nil
}

func (x *exports) routes(r route.Table) {
	op := route.Get("exportRecipients", taskPath+"/recipients/export", "Export the people of a task", exportText)
	op.Responses = route.AnswerWith(http.StatusOK, "The file.", "text/csv", &huma.Schema{Type: huma.TypeString, Format: "binary"})
	route.File(r, op, policy.RecipientsRead, x.export)
}

func (x *exports) export(ctx context.Context, v *route.Visit, in *exportQuery) (func(http.ResponseWriter, *http.Request), error) {
	if !slices.Contains([]string{"", "same-origin", "none"}, in.Site) {
		return nil, fault.New(fault.CodePermissionDenied, "other sites cannot have a browser ask for a file")
	}
	one, g, err := x.tasks.at(ctx, v, in.TaskPath)
	if err != nil {
		return nil, err
	}
	format := exportFormats[in.Format]
	if in.isHead {
		rows, err := x.tasks.room.CountExport(ctx, g, one, in.query(), format.Format)
		if err != nil {
			return nil, err
		}
		return func(w http.ResponseWriter, _ *http.Request) { in.begin(w, one.TaskID, rows) }, nil
	}
	e, err := x.tasks.room.Export(ctx, g, one, in.query(), format.Format)
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		defer e.Close()
		in.begin(w, one.TaskID, e.Rows)
		if err := x.write(ctx, w, v.Viewer.Organization, format, e); err != nil {
			if ctx.Err() == nil {
				x.log.Warn("rest: an export was cut off", "task", one.TaskID, "error", err)
			}
			// Nobody takes half of a file for the whole.
			_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
		}
	}, nil
}

// begin writes what comes before a file of so many people.
func (in *exportQuery) begin(w http.ResponseWriter, taskID int64, rows int) {
	h := w.Header()
	h.Set("Content-Type", exportFormats[in.Format].contentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="task-%d-%s.%s"`, taskID, in.List, in.Format))
	h.Set("Tidings-Rows", strconv.Itoa(rows))
	w.WriteHeader(http.StatusOK)
}

func (x *exports) write(ctx context.Context, w io.Writer, organization int64, format exportFormat, e *task.Export) error {
	out, err := format.begin(w)
	if err != nil {
		return err
	}
	if err := out.Row(exportColumns...); err != nil {
		return err
	}
	says := recipientWriter{people: x.tasks.people, organization: organization, paths: map[int64]string{}}
	zone := x.tasks.people.Location(organization)
	for some := range e.People {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		people, err := says.write(ctx, some)
		if err != nil {
			return err
		}
		for i := range people {
			if err := out.Row(people[i].cells(zone)...); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

// cells are a row of exportColumns.
func (r *Recipient) cells(zone *time.Location) []string {
	paths := make([]string, len(r.Departments))
	for i, d := range r.Departments {
		paths[i] = d.Path
	}
	read, limit := "", ""
	if r.ReadAt != nil {
		read = r.ReadAt.In(zone).Format(time.DateTime)
	}
	if r.Threshold != nil {
		limit = strconv.FormatInt(*r.Threshold, 10)
	}
	return []string{
		orEmpty(r.Userid), r.Name, r.JobNumber, strings.Join(paths, "; "), orEmpty(r.State), read, orEmpty(r.Code), limit, orEmpty(r.Given),
	}
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
