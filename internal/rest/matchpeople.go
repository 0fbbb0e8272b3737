package rest

import (
	"context"
	"iter"
	"mime"
	"reflect"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/sheet"
)

const (
	// maxLines is how many lines are looked up that come as JSON.
	maxLines = 5000
	// maxList is how long a file of people is, in bytes.
	maxList = 5 << 20

	matchPeopleText = "The body is JSON, or a file as it is, with the app in the query: separated values or a workbook, of which the first visible " +
		"sheet counts. The limit is 5,000 lines of JSON, and of a file 5 MiB, 50,000 lines, 256 columns and 500,000 cells, for a workbook 50 MiB unpacked. " +
		"Columns are known by a header in English or Chinese (userid, job number, mobile, name), or without one by whom their cells name; where a line has several " +
		"columns, all have to mean the same person. A job number is found without the zeros at its beginning too, where nobody has it as it is. Only active people are found, by mobile only " +
		"by auditors, administrators and owners. Each server answers 20 such calls of a person in an hour, and others with throttled. The " +
		"audit log has how many lines there were of each kind."
)

// lister finds the people whom a list names.
type lister interface {
	Match(ctx context.Context, by audit.By, organization int64, m directory.MatchRequest) (directory.Matches, error)
}

// matching is the lists of people that somebody sends to.
type matching struct {
	colleagues *colleagues
	sends      *sends
}

func (m *matching) routes(r route.Table) {
	op := route.Files(route.Post("matchPeople", "/people/match", "Find the people whom a list names", matchPeopleText), maxList,
		"The list.", r.Schema(reflect.TypeFor[MatchPeopleRequest]()), csvType, xlsxType)
	route.JSON(r, op, policy.SendsWrite, m.match)
}

// MatchPeopleRequest is a list of people.
type MatchPeopleRequest struct {
	AgentID string   `json:"agent_id" doc:"The app that sends to them."`
	Lines   []string `json:"lines" maxItems:"5000" doc:"A person each, in one column or in several with tabs, commas or semicolons between."`
}

type matchPeopleRequest struct {
	AgentID     string `query:"agent_id" doc:"The app that sends to them, where the body is a file."`
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte
}

// MatchedPeople is the answer of matchPeople. Every line is in one of the lists.
type MatchedPeople struct {
	Columns   []string        `json:"columns" enum:"userid,job_number,mobile,name" doc:"By which columns people were found."`
	Matched   []MatchedLine   `json:"matched" doc:"Lines that mean one person."`
	Ambiguous []AmbiguousLine `json:"ambiguous" doc:"Lines that may mean several people, or whose columns mean several."`
	Unknown   []ListLine      `json:"unknown" doc:"Lines that mean nobody who can be sent to."`
	Repeated  []RepeatedLine  `json:"repeated" doc:"Lines that mean somebody whom a line before them means."`
}

// ListLine is a line of a list.
type ListLine struct {
	Line int    `json:"line" doc:"Its number, from 1."`
	Text string `json:"text" doc:"What it says, at most 200 characters."`
}

// MatchedLine is a line that means one person.
type MatchedLine struct {
	ListLine
	Userid string `json:"userid" doc:"The person."`
	Name   string `json:"name" doc:"The person's name."`
	By     string `json:"by" enum:"userid,job_number,mobile,name" doc:"By what the person was found."`
}

// AmbiguousLine is a line that may mean several people.
type AmbiguousLine struct {
	ListLine
	Candidates []ListedPerson `json:"candidates" doc:"Whom it may mean, at most ten."`
	More       bool           `json:"more" doc:"There are more of them."`
}

// RepeatedLine is a line that means somebody once more.
type RepeatedLine struct {
	ListLine
	Userid string `json:"userid" doc:"The person."`
}

type matchedPeopleAnswer struct{ Body MatchedPeople }

func (m *matching) match(ctx context.Context, v *route.Visit, in *matchPeopleRequest) (*matchedPeopleAnswer, error) {
	agent, rows, err := in.list()
	if err != nil {
		return nil, err
	}
	of, err := m.sends.of(ctx, v, agent)
	if err != nil {
		return nil, err
	}
	ours := policy.Resource{Organization: v.Viewer.Organization}
	within := of.installed.Range
	if seesAll(v.Asker) {
		within = directory.Range{Everyone: true}
	}
	found, err := m.colleagues.people.Match(ctx, v.Asker.By, v.Viewer.Organization, directory.MatchRequest{
		Agent: of.agentID, Rows: rows, Within: within,
		Mobiles: v.Asker.Verdict(policy.PeopleMobiles, ours, policy.Case{}) == policy.Granted,
	})
	if err != nil {
		return nil, err
	}
	answer, err := m.answer(ctx, v.Viewer.Organization, &found)
	return &matchedPeopleAnswer{answer}, err
}

// list is what was sent, and the app that it was sent for.
func (in *matchPeopleRequest) list() (agent string, rows iter.Seq2[sheet.Row, error], err error) {
	kind, _, err := mime.ParseMediaType(in.ContentType)
	switch {
	case err == nil && kind == "application/json":
		var r MatchPeopleRequest
		if err := route.Read(in.RawBody, &r); err != nil {
			return "", nil, err
		}
		if r.Lines == nil {
			return "", nil, fault.New(fault.CodeParameterMissing, "lines is required").WithField("lines")
		}
		if n := int64(len(r.Lines)); n > maxLines {
			return "", nil, fault.New(fault.CodeParameterInvalid, "lines has %d lines, the limit is %d", n, maxLines).WithField("lines").WithLimit(maxLines, n)
		}
		agent, rows = r.AgentID, sheet.Lines(r.Lines)
	case err == nil && (kind == csvType || kind == xlsxType || kind == "text/plain" || kind == "application/vnd.ms-excel" || kind == "application/octet-stream"):
		agent, rows = in.AgentID, sheet.Read(in.RawBody) // what it is, its content says
	default:
		return "", nil, fault.New(fault.CodeBodyMalformed, "the body must be application/json, %s or %s", csvType, xlsxType)
	}
	if agent == "" {
		return "", nil, fault.New(fault.CodeParameterMissing, "agent_id is required").WithField("agent_id")
	}
	return agent, rows, nil
}

func (m *matching) answer(ctx context.Context, organization int64, found *directory.Matches) (MatchedPeople, error) {
	answer := MatchedPeople{
		Columns: found.Columns, Matched: make([]MatchedLine, len(found.Matched)), Ambiguous: make([]AmbiguousLine, len(found.Ambiguous)),
		Unknown: make([]ListLine, len(found.Unknown)), Repeated: make([]RepeatedLine, len(found.Repeated)),
	}
	for i, one := range found.Matched {
		answer.Matched[i] = MatchedLine{ListLine{one.Line, one.Text}, one.User.Userid, one.User.Name, one.By}
	}
	for i, one := range found.Unknown {
		answer.Unknown[i] = ListLine{one.Line, one.Text}
	}
	for i, one := range found.Repeated {
		answer.Repeated[i] = RepeatedLine{ListLine{one.Line, one.Text}, one.User.Userid}
	}
	w := recipientWriter{people: m.colleagues.people, organization: organization, paths: map[int64]string{}}
	for i, one := range found.Ambiguous {
		if err := w.meet(ctx, one.Candidates...); err != nil {
			return MatchedPeople{}, err
		}
		answer.Ambiguous[i] = AmbiguousLine{ListLine{one.Line, one.Text}, w.listed(one.Candidates), one.More}
	}
	return answer, nil
}
