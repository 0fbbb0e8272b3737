package inbox

import (
	"context"

	"github.com/tidings-im/tidings/internal/message"
)

// Card is what an Item shows of its message.
type Card struct {
	App     AppView      `json:"app" doc:"The sender it would have."`
	Type    string       `json:"type" doc:"markdown, action_card or oa."`
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
	return Card{
		App:  AppView{AgentID: id(agentID), Name: sender.Name, Icon: sender.Icon},
		Type: string(m.Type()), Title: item.Title, Preview: item.Preview, HTML: item.HTML, Body: item.Body,
	}, nil
}
