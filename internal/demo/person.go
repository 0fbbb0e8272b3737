package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// callTime is the limit of one call.
const callTime = 15 * time.Second

// person does with the server's own API what people do with a browser.
type person struct {
	base  string
	http  *http.Client
	token string
}

// read marks messages as read.
func (p *person) read(ctx context.Context, messageIDs []string) error {
	return p.post(ctx, "/api/v1/inbox/read", "", object{"message_ids": messageIDs}, nil)
}

// recipients returns who was sent a task.
func (p *person) recipients(ctx context.Context, task int64) ([]string, error) {
	var userids []string
	for after := ""; ; {
		var page struct {
			Items []struct {
				Userid string `json:"userid"`
			} `json:"items"`
			Next *string `json:"next_after"`
		}
		if err := p.call(ctx, http.MethodGet, taskPath(task)+"/recipients?list=sent&limit=200&after="+after, "", nil, &page); err != nil {
			return nil, err
		}
		for _, one := range page.Items {
			userids = append(userids, one.Userid)
		}
		if page.Next == nil {
			return userids, nil
		}
		after = *page.Next
	}
}

// send sends a draft by hand, as its plan tells. The same key never sends twice.
func (p *person) send(ctx context.Context, draft object, organization, key string) (int64, error) {
	var plan struct {
		Digest   string `json:"audience_digest"`
		Sent     int64  `json:"sent"`
		Template *struct {
			Version int `json:"version"`
		} `json:"template"`
		MustName bool `json:"must_name_organization"`
	}
	if err := p.post(ctx, "/api/v1/sends/plan", "", draft, &plan); err != nil {
		return 0, err
	}
	draft["audience_digest"], draft["at_most"] = plan.Digest, plan.Sent
	if t, is := draft["template"].(object); is && plan.Template != nil {
		t["version"] = plan.Template.Version
	}
	if plan.MustName {
		draft["organization_name"] = organization
	}
	var answer struct {
		TaskID string `json:"task_id"`
	}
	if err := p.post(ctx, "/api/v1/sends", key, draft, &answer); err != nil {
		return 0, err
	}
	return strconv.ParseInt(answer.TaskID, 10, 64)
}

func (p *person) recall(ctx context.Context, task int64) error {
	return p.post(ctx, taskPath(task)+"/recall", "", object{}, nil)
}

func (p *person) setStatusBar(ctx context.Context, task int64, value, color string) error {
	return p.post(ctx, taskPath(task)+"/status-bar", "", object{"value": value, "background": color}, nil)
}

func taskPath(task int64) string { return "/api/v1/tasks/" + strconv.FormatInt(task, 10) }

func (p *person) post(ctx context.Context, path, key string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return p.call(ctx, http.MethodPost, path, key, body, answer)
}

func (p *person) call(ctx context.Context, method, path, key string, body []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w, err := p.http.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	text, err := io.ReadAll(io.LimitReader(w.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if w.StatusCode >= http.StatusMultipleChoices {
		var problem struct {
			Code   string `json:"code"`
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(text, &problem) // without one the status says enough
		return fmt.Errorf("%s: HTTP status %d: %s %s", path, w.StatusCode, problem.Code, problem.Detail)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
