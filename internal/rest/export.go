package rest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	"workbook holds text alone, and 1,048,575 people at most. The file is written while it is read: when something fails, the connection is cut. " +
	"A server writes four at a time and answers others with 503 busy. Other sites cannot have a browser ask for it. The audit log has each."

// exports writes files of the people of tasks.
type exports struct {
	tasks *tasks
	log   *slog.Logger
}

// The formats, and what a browser is told that they are.
var exportTypes = map[string]string{
	"csv":  "text/csv; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// exportColumns are called as an import calls them, where it knows them.
var exportColumns = []string{"userid", "name", "job_number", "departments", "state", "read_at", "code", "threshold", "given"}

func exportRoute() huma.Operation {
	op := route.Get("exportRecipients", taskPath+"/recipients/export", "Export the people of a task", exportText)
	parameter := func(name, in, text string, values ...any) *huma.Param {
		return &huma.Param{Name: name, In: in, Required: in == "path", Schema: &huma.Schema{Type: huma.TypeString, Enum: values}, Description: text}
	}
	op.Parameters = []*huma.Param{
		parameter("task_id", "path", "The task."),
		parameter("format", "query", "What the file is; csv if not said.", "csv", "xlsx"),
		parameter("list", "query", "As for listRecipients.", "sent", "read", "unread", "held", "failed", "invalid"),
		parameter("q", "query", "As for listRecipients."),
		parameter("dept_id", "query", "As for listRecipients."),
		parameter("code", "query", "As for listRecipients."),
	}
	op.Responses = route.AnswerWith(http.StatusOK, "The file.", "text/csv", &huma.Schema{Type: huma.TypeString, Format: "binary"})
	return op
}

func (x *exports) routes(r route.Table) { route.Raw(r, exportRoute(), policy.RecipientsRead, x.export) }

func (x *exports) export(w http.ResponseWriter, r *http.Request, v *route.Visit) error {
	ctx := r.Context()
	if site := r.Header.Get("Sec-Fetch-Site"); !slices.Contains([]string{"", "same-origin", "none"}, site) {
		return fault.New(fault.CodePermissionDenied, "other sites cannot have a browser ask for a file")
	}
	one, g, err := x.tasks.at(ctx, v, TaskPath{r.PathValue("task_id")})
	if err != nil {
		return err
	}
	format, q, err := exportAsked(r)
	if err != nil {
		return err
	}
	e, err := x.tasks.room.Export(ctx, g, one, q, format)
	if err != nil {
		return err
	}
	defer e.Close()
	if format == "xlsx" && e.Rows >= sheet.MaxXLSXRows {
		return fault.New(fault.CodeParameterInvalid, "%d people do not fit into a workbook, the limit is %d: ask for format=csv", e.Rows, sheet.MaxXLSXRows-1).
			WithField("format").WithLimit(sheet.MaxXLSXRows-1, int64(e.Rows))
	}
	h := w.Header()
	h.Set("Content-Type", exportTypes[format])
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="task-%d-%s.%s"`, one.TaskID, q.List, format))
	h.Set("Tidings-Rows", strconv.Itoa(e.Rows))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if err := x.write(ctx, w, v.Viewer.Organization, format, e); err != nil {
		if ctx.Err() == nil {
			x.log.Warn("rest: an export was cut off", "task", one.TaskID, "error", err)
		}
		// Nobody takes half of a file for the whole.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
	}
	return nil
}

var digits = regexp.MustCompile(`^[0-9]{1,16}$`)

// exportAsked reads the query, with the bounds that RecipientFilter has.
func exportAsked(r *http.Request) (format string, q task.RecipientQuery, err error) {
	values := r.URL.Query()
	filter := RecipientFilter{List: values.Get("list"), Q: values.Get("q"), DeptID: values.Get("dept_id"), Code: values.Get("code")}
	if filter.List == "" {
		filter.List = string(task.ListSent)
	}
	if format = values.Get("format"); format == "" {
		format = "csv"
	}
	lists := []string{"sent", "read", "unread", "held", "failed", "invalid"}
	for _, check := range []struct {
		field, text string
		good        bool
	}{
		{"format", "one of csv, xlsx", exportTypes[format] != ""},
		{"list", "one of " + strings.Join(lists, ", "), slices.Contains(lists, filter.List)},
		{"q", "at most 120 characters", utf8.RuneCountInString(filter.Q) <= 120},
		{"dept_id", "a number", filter.DeptID == "" || digits.MatchString(filter.DeptID)},
		{"code", "at most 64 characters", utf8.RuneCountInString(filter.Code) <= 64},
	} {
		if !check.good {
			return "", q, fault.New(fault.CodeParameterInvalid, "%s must be %s", check.field, check.text).WithField(check.field)
		}
	}
	return format, filter.query(), nil
}

func (x *exports) write(ctx context.Context, w io.Writer, organization int64, format string, e *task.Export) error {
	out, err := sheet.NewCSV(w), error(nil)
	if format == "xlsx" {
		if out, err = sheet.NewXLSX(w); err != nil {
			return err
		}
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
