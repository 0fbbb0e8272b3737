package inbox

import (
	"context"
	"encoding/json"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// Card is what an Item shows of its message.
type Card struct {
	App     AppView      `json:"app" doc:"The sender it would have."`
	Type    string       `json:"type" doc:"text, image, voice, file, link, oa, markdown or action_card."`
	Title   string       `json:"title" doc:"One line of plain text."`
	Preview string       `json:"preview" doc:"One line of plain text."`
	HTML    string       `json:"html" doc:"The whole card as safe HTML."`
	Body    message.Body `json:"body" doc:"What a client needs beside the HTML."`
}

// Preview returns a message that nobody has sent as it would be shown to the
// viewer. It would come from the installation in the viewer's organization, or
// from a sender as it is given where agentID is 0.
func (s *Service) Preview(ctx context.Context, v Viewer, agentID int64, otherwise Sender, m *message.Message) (Card, error) {
	d := itemBuilder{Service: s, organization: v.Organization, senders: map[int64]Sender{0: otherwise}}
	if err := d.look(ctx, m.Media()); err != nil {
		return Card{}, err
	}
	sender, err := d.sender(ctx, agentID)
	if err != nil {
		return Card{}, err
	}
	var item Item
	d.fill(ctx, &item, m, Content{}, sender)
	item.App, item.Type = AppView{AgentID: id(agentID), Name: sender.Name, Icon: sender.Icon}, string(m.Type())
	return item.card(), nil
}

// Card returns what a task shows to its recipients, with its status bar as it stands
// now; nil once it is recalled, and for a message that cannot be read back.
// CodeTaskUnknown.
func (s *Service) Card(ctx context.Context, organization, taskID int64) (*Card, error) {
	contents, err := s.content(ctx, organization, taskID)
	if err != nil {
		return nil, wrap("inbox.Card", err)
	}
	items, err := s.show(ctx, organization, contents)
	if err != nil {
		return nil, wrap("inbox.Card", err)
	}
	item := items[taskID]
	if item.HTML == "" {
		return nil, nil
	}
	c := item.card()
	return &c, nil
}

// Message returns what a task says, as an app would send it. CodeTaskUnknown;
// CodeTaskRecalled.
func (s *Service) Message(ctx context.Context, organization, taskID int64) (map[string]any, error) {
	contents, err := s.content(ctx, organization, taskID)
	if err != nil {
		return nil, wrap("inbox.Message", err)
	}
	c := contents[taskID]
	if !c.RecalledAt.IsZero() {
		return nil, fault.New(fault.CodeTaskRecalled, "task %d was recalled", taskID).WithField("task_id")
	}
	var said map[string]any
	return said, wrap("inbox.Message", json.Unmarshal([]byte(c.Message), &said))
}

// content reads one task.
func (s *Service) content(ctx context.Context, organization, taskID int64) (map[int64]Content, error) {
	contents, err := s.store.Contents(ctx, organization, []int64{taskID}, Nobody)
	if err != nil {
		return nil, err
	}
	if _, there := contents[taskID]; !there {
		return nil, fault.New(fault.CodeTaskUnknown, "task %d does not exist", taskID).WithField("task_id")
	}
	return contents, nil
}

// App returns how an installation is shown, without a name when it is gone.
func (s *Service) App(ctx context.Context, organization, agentID int64) (AppView, error) {
	d := itemBuilder{Service: s, organization: organization, senders: map[int64]Sender{}}
	sender, err := d.sender(ctx, agentID)
	return AppView{AgentID: id(agentID), Name: sender.Name, Icon: sender.Icon}, err
}

func (i *Item) card() Card {
	return Card{App: i.App, Type: i.Type, Title: i.Title, Preview: i.Preview, HTML: i.HTML, Body: i.Body}
}
