package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/tidings-im/tidings/client"
)

func Example() {
	server := httptest.NewServer(http.HandlerFunc(example)) // in place of https://tidings.example.com
	defer server.Close()
	ctx := context.Background()

	app := client.New(server.URL, client.Options{}).App(1000000001, client.AppKey{Key: "APP_KEY", Secret: "APP_SECRET"})
	to := client.Audience{Userids: []string{"lmoreau", "nobody"}}
	task, err := app.Send(ctx, to, client.Markdown{Title: "Build 128", Text: "Build 128 **passed**."}, "build-128")
	var refused *client.Error
	switch {
	case errors.As(err, &refused) && !client.Unknown(err):
		fmt.Println("not sent:", refused.Cause(), refused.Detail)
		return
	case err != nil:
		fmt.Println("send again with the same key:", err)
		return
	}
	result, err := app.Result(ctx, task)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("task", task, "read", result.Read, "unread", result.Unread, "unknown", result.InvalidUserids)
	// Output: task 100000000001 read [] unread [lmoreau] unknown [nobody]
}

// example answers as a server does.
func example(w http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		"/gettoken": `{"errcode":0,"errmsg":"ok","access_token":"t","expires_in":7200}`,
		"/topapi/message/corpconversation/asyncsend_v2":  `{"errcode":0,"errmsg":"ok","task_id":100000000001}`,
		"/topapi/message/corpconversation/getsendresult": `{"errcode":0,"errmsg":"ok","send_result":{"unread_user_id_list":["lmoreau"],"invalid_user_id_list":["nobody"]}}`,
	}
	_, _ = io.WriteString(w, answers[r.URL.Path])
}
