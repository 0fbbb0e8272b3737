package clients_test

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/zhaoyunxing92/dingtalk/v2/domain/message"

	"github.com/tidings-im/tidings/test/harness"
)

// files are samples to upload, by kind.
type files map[string]string

// writeFiles writes a file of every kind that messages can show.
func writeFiles(t *testing.T) files {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 24, 16))
	picture.Set(3, 3, color.White)
	var drawn, packed bytes.Buffer
	if err := png.Encode(&drawn, picture); err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(&packed)
	entry, err := archive.Create("minutes.txt")
	if err == nil {
		_, err = entry.Write([]byte("Present: everyone."))
	}
	if err != nil || archive.Close() != nil {
		t.Fatalf("zip: %v", err)
	}
	// A second of silence: a header and fifty frames of 20 ms at 12.2 kbit/s.
	frame := append([]byte{0x3c}, make([]byte, 31)...)
	voice := append([]byte("#!AMR\n"), bytes.Repeat(frame, 50)...)
	list := files{}
	for kind, f := range map[string]struct {
		name    string
		content []byte
	}{
		"image": {"canteen.png", drawn.Bytes()},
		"voice": {"greeting.amr", voice},
		"file":  {"minutes.zip", packed.Bytes()},
	} {
		list[kind] = filepath.Join(t.TempDir(), f.name)
		if err := os.WriteFile(list[kind], f.content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// sample is one message: as the typed library builds it, and as JSON.
type sample struct {
	name  string
	kind  string // msgtype
	shows string // what the card, or what goes with it, must hold
	typed message.Message
	json  harness.Object
}

// samples returns a message of every type, two of those with two forms. media
// holds media ids by kind.
func samples(media map[string]string) []sample {
	return []sample{
		{
			"text", "text", "Your leave is approved",
			message.NewTextMessage("Your leave is approved"),
			body("text", harness.Object{"content": "Your leave is approved"}),
		},
		{
			"image", "image", "<img",
			message.NewImageMessages(media["image"]),
			body("image", harness.Object{"media_id": media["image"]}),
		},
		{
			"voice", "voice", "1",
			message.NewVoiceMessage(media["voice"], 1),
			body("voice", harness.Object{"media_id": media["voice"], "duration": "1"}),
		},
		{
			"file", "file", "minutes.zip",
			message.NewFileMessage(media["file"]),
			body("file", harness.Object{"media_id": media["file"]}),
		},
		{
			"link", "link", "Soup every day",
			message.NewLinkMessage("New menu", "Soup every day", media["image"], "https://intranet.example.com/menu"),
			body("link", harness.Object{
				"title": "New menu", "text": "Soup every day",
				"picUrl": media["image"], "messageUrl": "https://intranet.example.com/menu",
			}),
		},
		approval(media["image"]),
		plainCard(),
		copiedCard(),
		{
			"markdown", "markdown", "<strong>passed</strong>",
			message.NewMarkDownMessage("Build 128", "## Build 128\n\n- **passed** in 6 minutes"),
			body("markdown", harness.Object{"title": "Build 128", "text": "## Build 128\n\n- **passed** in 6 minutes"}),
		},
		singleCard(),
		buttonCard(),
	}
}

func body(kind string, fields harness.Object) harness.Object {
	return harness.Object{"msgtype": kind, kind: fields}
}

// approval is an oa message with everything an oa message can have.
func approval(media string) sample {
	typed := message.NewOaMessage("Approval", "FF3E7BFA", "https://example.com/a/1", "https://example.com/a/1?pc")
	typed.Body.Title = "Travel expenses"
	typed.Body.Content = "A train journey"
	typed.Body.Author = "Accounting"
	typed.Body.MediaId = media
	typed.Body.Forms = []message.Form{{Key: "Amount", Value: "320.00"}}
	typed.Body.Rich = &message.Rich{Num: "320", Unit: "EUR"}
	typed.StatusBar.Value, typed.StatusBar.BackColor = "Pending", "0xFFFF9D46"
	return sample{"oa", "oa", "Travel expenses", typed, body("oa", harness.Object{
		"message_url": "https://example.com/a/1", "pc_message_url": "https://example.com/a/1?pc",
		"head":       harness.Object{"bgcolor": "FF3E7BFA", "text": "Approval"},
		"status_bar": harness.Object{"status_value": "Pending", "status_bg": "0xFFFF9D46"},
		"body": harness.Object{
			"title": "Travel expenses", "content": "A train journey", "author": "Accounting", "image": media,
			"form": []harness.Object{{"key": "Amount", "value": "320.00"}},
			"rich": harness.Object{"num": "320", "unit": "EUR"},
		},
	})}
}

// plainCard is an oa message without a status bar, which the typed library
// writes as an empty one.
func plainCard() sample {
	typed := message.NewOaMessage("Notice", "FF3E7BFA", "https://example.com/n/1", "")
	typed.Body.Title = "Fire drill at noon"
	return sample{"oa without status bar", "oa", "Fire drill at noon", typed, body("oa", harness.Object{
		"message_url": "https://example.com/n/1",
		"head":        harness.Object{"bgcolor": "FF3E7BFA", "text": "Notice"},
		"body":        harness.Object{"title": "Fire drill at noon"},
	})}
}

// copiedCard is the oa message of the samples that are copied most: without a
// link or a colour. The typed library sends none without, but short colours.
func copiedCard() sample {
	typed := message.NewOaMessage("head", "2381E9", "https://example.com/lift", "")
	typed.Body.Content = "The lift is repaired"
	return sample{"oa of a copied sample", "oa", "The lift is repaired", typed, body("oa", harness.Object{
		"head": harness.Object{"text": "head"}, "body": harness.Object{"content": "The lift is repaired"},
	})}
}

func singleCard() sample {
	typed := message.NewCardMessage("### Contract\n\nPlease sign")
	typed.Title, typed.SingleTitle, typed.SingleUrl = "Contract", "Open", "https://example.com/c/1"
	return sample{"action_card with one button", "action_card", "Please sign", typed, body("action_card", harness.Object{
		"title": "Contract", "markdown": "### Contract\n\nPlease sign",
		"single_title": "Open", "single_url": "https://example.com/c/1",
	})}
}

func buttonCard() sample {
	typed := message.NewCardMessage("### Lunch\n\nWhat will it be?")
	typed.Title, typed.BtnOrientation = "Lunch", "1"
	typed.CardButtons = []message.CardButton{
		{Title: "Soup", Url: "https://example.com/l/soup"}, {Title: "Salad", Url: "https://example.com/l/salad"},
	}
	return sample{"action_card with buttons", "action_card", "Salad", typed, body("action_card", harness.Object{
		"title": "Lunch", "markdown": "### Lunch\n\nWhat will it be?", "btn_orientation": "1",
		"btn_json_list": []harness.Object{
			{"title": "Soup", "action_url": "https://example.com/l/soup"},
			{"title": "Salad", "action_url": "https://example.com/l/salad"},
		},
	})}
}
