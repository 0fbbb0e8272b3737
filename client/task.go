package client

import "context"

// Progress is how far a task is.
type Progress struct {
	Percent int `json:"progress_in_percent"`
	Status  int `json:"status"` // 0 not started, 1 running, Finished
}

// Finished is the status of a task of which the result can be asked.
const Finished = 2

// Progress asks how far a task is (docs/contract.md#progress). Tidings finishes a
// task before it answers the send.
func (a *App) Progress(ctx context.Context, task int64) (Progress, error) {
	var answer struct {
		Progress Progress `json:"progress"`
	}
	err := a.post(ctx, taskPath+"getsendprogress", a.of("task_id", task), &answer)
	return answer.Progress, err
}

// Result is what became of everyone a task named: each is in exactly one list.
type Result struct {
	Read           []string `json:"read_user_id_list"`
	Unread         []string `json:"unread_user_id_list"`
	Forbidden      []string `json:"forbidden_user_id_list"` // held back
	Failed         []string `json:"failed_user_id_list"`
	InvalidUserids []string `json:"invalid_user_id_list"`
	InvalidDeptIDs []int64  `json:"invalid_dept_id_list"`
	// Held has the reasons for those in Forbidden.
	Held []Held `json:"forbidden_list"`
	// ReceiptsDropped says that nobody knows any more who has read it: all to whom
	// it was sent are in Read.
	ReceiptsDropped bool `json:"receipts_dropped"`
}

// Held is one person whom a rule held back (docs/contract.md#held-back).
type Held struct {
	Userid string `json:"userid"`
	Code   string `json:"code"`  // of the rule
	Count  int64  `json:"count"` // its limit
}

// Result asks what became of everyone (docs/contract.md#result).
func (a *App) Result(ctx context.Context, task int64) (Result, error) {
	var answer struct {
		Result Result `json:"send_result"`
	}
	err := a.post(ctx, taskPath+"getsendresult", a.of("task_id", task), &answer)
	return answer.Result, err
}

// Recall takes a message back (docs/contract.md#recall): afterwards no inbox holds
// its content. A second recall changes nothing and succeeds.
func (a *App) Recall(ctx context.Context, task int64) error {
	return a.post(ctx, taskPath+"recall", a.of("msg_task_id", task), nil)
}

// SetStatusBar changes the status bar of an OA message in every inbox
// (docs/contract.md#status-bar).
func (a *App) SetStatusBar(ctx context.Context, task int64, bar StatusBar) error {
	body := a.of("task_id", task)
	body["status_value"], body["status_bg"] = bar.Value, bar.Background
	return a.post(ctx, taskPath+"status_bar/update", body, nil)
}

func (a *App) of(name string, task int64) map[string]any {
	return map[string]any{"agent_id": a.agent, name: task}
}
