package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// Cards knows what a card shows beside its message.
type Cards interface {
	// Sender returns whose name a message carries. CodeAgentUnknown.
	Sender(ctx context.Context, organization, agentID int64) (Sender, error)
	// MediaURL returns the path a media id is served at.
	MediaURL(organization int64, mediaID string) (url string, ok bool)
	// Files returns the uploads by media id; missing ones are absent.
	Files(ctx context.Context, organization int64, mediaIDs []string) (map[string]Upload, error)
}

// Sender is one installation of an app as its cards show it. TrustedHosts are
// the app's and its organization's.
type Sender struct {
	Name, Icon   string
	TrustedHosts []string
}

// Upload is what a file's card shows of it. Size is in bytes.
type Upload struct {
	Name string
	Size int64
}

// show makes items of stored tasks, by task, without MessageID. What belongs
// to a sender is asked for once.
func (s *Service) show(ctx context.Context, organization int64, contents map[int64]Content) (map[int64]Item, error) {
	if len(contents) == 0 {
		return nil, nil
	}
	d := dealer{Service: s, organization: organization, senders: map[int64]Sender{}}
	items := make(map[int64]Item, len(contents))
	for task, c := range contents {
		item, err := d.item(ctx, c)
		if err != nil {
			return nil, err
		}
		items[task] = item
	}
	return items, d.nameFiles(ctx, items)
}

// dealer makes the items of one request.
type dealer struct {
	*Service
	organization int64
	senders      map[int64]Sender
}

func (d *dealer) item(ctx context.Context, c Content) (Item, error) {
	sender, err := d.sender(ctx, c.AgentID)
	if err != nil {
		return Item{}, err
	}
	item := Item{
		TaskID:     id(c.TaskID),
		Revision:   id(c.Revision),
		App:        AppView{AgentID: id(c.AgentID), Name: sender.Name, Icon: sender.Icon},
		Type:       c.Type,
		SentAt:     c.SentAt,
		ReadAt:     moment(c.ReadAt),
		RecalledAt: moment(c.RecalledAt),
	}
	if item.RecalledAt == nil {
		d.fill(&item, c, sender)
	}
	return item, nil
}

// fill adds the content. A message that cannot be read back is shown without
// any: one damaged row must not hide all others.
func (d *dealer) fill(item *Item, c Content, sender Sender) {
	m, err := message.Parse([]byte(c.Message))
	if err != nil {
		d.log.Error("a stored message cannot be read", "organization", d.organization,
			"task", c.TaskID, "code", string(fault.From(err).Code))
		return
	}
	o := message.RenderOptions{
		AppName:     sender.Name,
		MediaURL:    func(media string) (string, bool) { return d.cards.MediaURL(d.organization, media) },
		TrustedHost: func(host string) bool { return trusts(sender.TrustedHosts, host) },
	}
	if c.StatusValue != "" {
		o.StatusBar = &message.StatusBar{Value: c.StatusValue, Background: c.StatusBg}
		item.StatusBar = &StatusBar{Value: c.StatusValue, Background: c.StatusBg}
	} else if value, bg, ok := m.StatusBar(); ok {
		item.StatusBar = &StatusBar{Value: value, Background: bg}
	}
	item.Title, item.Preview = m.Title(), m.Preview()
	item.HTML, item.Body = m.HTML(o), m.Body()
}

// sender asks for each sender once. One that is gone leaves a card without a
// name.
func (d *dealer) sender(ctx context.Context, agentID int64) (Sender, error) {
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

// nameFiles adds the names and sizes of uploaded files.
func (d *dealer) nameFiles(ctx context.Context, items map[int64]Item) error {
	var ids []string
	for _, item := range items {
		if item.Body.File != nil {
			ids = append(ids, item.Body.File.MediaID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	uploads, err := d.cards.Files(ctx, d.organization, ids)
	if err != nil {
		return fmt.Errorf("uploads of cards: %w", err)
	}
	for _, item := range items {
		if f := item.Body.File; f != nil {
			f.Name, f.Size = uploads[f.MediaID].Name, uploads[f.MediaID].Size
		}
	}
	return nil
}

// trusts reports whether host is in a list of trusted hosts. "example.com"
// stands for itself alone, "*.example.com" for every host below it.
func trusts(list []string, host string) bool {
	for _, entry := range list {
		entry = strings.ToLower(entry)
		if suffix, ok := strings.CutPrefix(entry, "*"); ok && strings.HasPrefix(suffix, ".") {
			if strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
				return true
			}
		} else if entry == host {
			return true
		}
	}
	return false
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
