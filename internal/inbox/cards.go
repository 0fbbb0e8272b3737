package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// Cards knows what a card shows beside its message.
type Cards interface {
	// Sender returns whose name a message carries. CodeAgentUnknown.
	Sender(ctx context.Context, organization, agentID int64) (Sender, error)
	// MediaURL returns the path a media id of a task's message is served at to
	// a browser that may be signed in to several organizations. Task 0 is a
	// message that nobody has sent.
	MediaURL(ctx context.Context, organization, taskID int64, mediaID string) (url string, ok bool)
	// Files returns the uploads by media id; missing ones are absent.
	Files(ctx context.Context, organization int64, mediaIDs []string) (map[string]message.Upload, error)
}

// Sender is one installation of an app as its cards show it. Icon is an
// address, or empty. TrustedHosts are the app's and its organization's.
// PageURL is what links to its mini program lead to, if it has one; PageOrigin is the
// origin of that page where it may learn who has opened it (docs/contract.md#page-codes).
type Sender struct {
	Name, Icon   string
	PageURL      string
	PageOrigin   string
	TrustedHosts []string
}

// show makes items of stored tasks, by task, without MessageID. What belongs
// to a sender is asked for once.
func (s *Service) show(ctx context.Context, organization int64, contents map[int64]Content) (map[int64]Item, error) {
	if len(contents) == 0 {
		return nil, nil
	}
	d := itemBuilder{Service: s, organization: organization, senders: map[int64]Sender{}}
	if err := d.read(ctx, contents); err != nil {
		return nil, err
	}
	items := make(map[int64]Item, len(contents))
	for task, c := range contents {
		item, err := d.item(ctx, c)
		if err != nil {
			return nil, err
		}
		items[task] = item
	}
	return items, nil
}

// itemBuilder makes the items of one request.
type itemBuilder struct {
	*Service
	organization int64
	senders      map[int64]Sender
	messages     map[int64]*message.Message // by task; damaged and recalled ones are absent
	uploads      map[string]message.Upload  // that they name
}

// read parses the messages that are shown and asks for the uploads they name. A
// message that cannot be read back is shown without content: one damaged row
// must not hide all others.
func (d *itemBuilder) read(ctx context.Context, contents map[int64]Content) error {
	d.messages = make(map[int64]*message.Message, len(contents))
	var named []string
	for task, c := range contents {
		if !c.RecalledAt.IsZero() {
			continue
		}
		m, err := message.Parse([]byte(c.Message))
		if err != nil {
			d.deps.Log.Error("a stored message cannot be read", "organization", d.organization,
				"task", task, "code", string(fault.From(err).Code))
			continue
		}
		d.messages[task] = m
		named = append(named, m.Media()...)
	}
	return d.look(ctx, named)
}

// look asks for uploads.
func (d *itemBuilder) look(ctx context.Context, named []string) (err error) {
	if len(named) == 0 {
		return nil
	}
	slices.Sort(named)
	if d.uploads, err = d.cards.Files(ctx, d.organization, slices.Compact(named)); err != nil {
		return fmt.Errorf("uploads of cards: %w", err)
	}
	return nil
}

func (d *itemBuilder) item(ctx context.Context, c Content) (Item, error) {
	sender, err := d.sender(ctx, c.AgentID)
	if err != nil {
		return Item{}, err
	}
	item := Item{
		TaskID:     id(c.TaskID),
		Revision:   id(c.Revision),
		App:        AppView{AgentID: id(c.AgentID), Name: sender.Name, Icon: sender.Icon},
		PageOrigin: sender.PageOrigin,
		Type:       c.Type,
		SentAt:     c.SentAt,
		ReadAt:     moment(c.ReadAt),
		RecalledAt: moment(c.RecalledAt),
	}
	if m := d.messages[c.TaskID]; m != nil {
		d.fill(ctx, &item, m, c, sender)
	}
	return item, nil
}

// fill adds the content.
func (d *itemBuilder) fill(ctx context.Context, item *Item, m *message.Message, c Content, sender Sender) {
	o := message.RenderOptions{
		AppName: sender.Name,
		PageURL: sender.PageURL,
		MediaURL: func(media string) (string, bool) {
			if _, there := d.uploads[media]; !there {
				return "", false
			}
			return d.cards.MediaURL(ctx, d.organization, c.TaskID, media)
		},
		Upload: func(media string) (message.Upload, bool) {
			u, ok := d.uploads[media]
			return u, ok
		},
		Trusted: sender.TrustedHosts,
	}
	if c.StatusValue != "" {
		o.StatusBar = &message.StatusBar{Value: c.StatusValue, Background: c.StatusBg}
		item.StatusBar = &StatusBar{Value: c.StatusValue, Background: c.StatusBg}
	} else if value, bg, ok := m.StatusBar(); ok {
		item.StatusBar = &StatusBar{Value: value, Background: bg}
	}
	item.Title, item.Preview = m.Title(), m.Preview()
	item.HTML, item.Body = m.HTML(o), m.Body(o)
}

// sender asks for each sender once. One that is gone leaves a card without a
// name.
func (d *itemBuilder) sender(ctx context.Context, agentID int64) (Sender, error) {
	if known, ok := d.senders[agentID]; ok {
		return known, nil
	}
	sender, err := d.cards.Sender(ctx, d.organization, agentID)
	if err != nil && fault.From(err).Kind != fault.NotFound {
		return Sender{}, fmt.Errorf("sender of a card: %w", err)
	}
	d.senders[agentID] = sender
	return sender, nil
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
