package dingtalk

import "github.com/tidings-im/tidings/internal/fault"

// task returns the agent and the task a request is about.
func (c *call) task(name string) (agentID, taskID int64, err error) {
	if agentID, err = c.args.int64("agent_id"); err != nil {
		return 0, 0, err
	}
	taskID, err = c.args.int64(name)
	return agentID, taskID, err
}

// askedTask is task for the two questions. They come without an agent_id too:
// the token names the agent.
func (c *call) askedTask() (agentID, taskID int64, err error) {
	if !c.args.has("agent_id") {
		taskID, err = c.args.int64("task_id")
		return c.caller.AgentID, taskID, err
	}
	return c.task("task_id")
}

// progress serves getsendprogress (docs/contract.md#progress).
func (c *call) progress() error {
	agentID, taskID, err := c.askedTask()
	if err != nil {
		return err
	}
	p, err := c.Notifications.Progress(c.r.Context(), c.caller, agentID, taskID)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.object("progress", func(o *object) {
			o.int("progress_in_percent", int64(p.Percent))
			o.int("status", int64(p.Status))
		})
	})
}

// recall serves recall (docs/contract.md#recall).
func (c *call) recall() error {
	const name = "msg_task_id"
	agentID, taskID, err := c.task(name)
	if err != nil {
		return err
	}
	if err := c.Notifications.Recall(c.r.Context(), c.caller, agentID, taskID); err != nil {
		if f := fault.From(err); f.Field == "task_id" {
			f.Field = name // what the parameter is called here
		}
		return err
	}
	return c.ok(func(*object) {})
}

// updateStatusBar serves status_bar/update (docs/contract.md#status-bar).
func (c *call) updateStatusBar() error {
	agentID, taskID, err := c.task("task_id")
	if err != nil {
		return err
	}
	text, err := c.args.required("status_value")
	if err != nil {
		return err
	}
	background, err := c.args.text("status_bg")
	if err != nil {
		return err
	}
	if err := c.Notifications.SetStatusBar(c.r.Context(), c.caller, agentID, taskID, text, background); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}
