package clients_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hugozhu/godingtalk"

	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// A client of the gateway sends and asks as it is, and what fails is an error
// to it: it takes an answer that it does not know for success with task 0.
func TestGatewayClient(t *testing.T) { //nolint:paralleltest // the address of the service is the process's
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			server := harness.NewHome(t, engine).Demo(t)
			serveAt(t, server.BaseURL)
			o := server.Organizations[0]
			client := godingtalk.NewDingTalkClient(o.Apps[0].Key, o.Apps[0].Secret)
			client.AgentID = strconv.FormatInt(o.Apps[0].AgentID, 10)
			client.Cache = godingtalk.NewInMemoryCache() // its own is a file in the working directory
			to := []string{o.Users[0].Userid, "nobody-of-that-name"}
			content := map[string]string{"content": "The gate is open until eight"}

			task, err := client.TopAPIMsgSend("text", to, nil, false, content)
			if err != nil || task == 0 {
				t.Fatalf("send: task %d, %v", task, err)
			}
			if p, err := client.TopAPIMsgGetSendProgress(task); err != nil || !p.OK.Success || p.OK.Progress.Percent != 100 || p.OK.Progress.Status != 2 {
				t.Errorf("progress: %+v, %v", p, err)
			}
			r, err := client.TopAPIMsgGetSendResult(task)
			got := r.OK.SendResult
			if err != nil || !slices.Equal(got.UnreadUserIDList, to[:1]) || !slices.Equal(got.InvalidUserIDList, to[1:]) {
				t.Errorf("result: %+v, %v", r, err)
			}
			if r, err := client.TopAPIMsgGetSendResult(task + 1_000_000); err == nil {
				t.Errorf("the result of a task that does not exist: %+v", r)
			}
			if task, err := client.TopAPIMsgSend("sonnet", to, nil, false, content); err == nil {
				t.Errorf("a message of no type has task %d", task)
			}
			comesBack(t, client)
			server.Stop(t)
		})
	}
}

// comesBack uploads a file and downloads it again.
func comesBack(t *testing.T, client *godingtalk.DingTalkClient) {
	t.Helper()
	content := "%PDF-1.7 minutes"
	if err := client.RefreshAccessToken(); err != nil {
		t.Fatal(err)
	}
	kept, err := client.UploadMedia("file", "minutes.pdf", strings.NewReader(content))
	var got strings.Builder
	if err == nil {
		err = client.DownloadMedia(kept.MediaID, &got)
	}
	if err != nil || got.String() != content {
		t.Errorf("downloaded %q, %v", got.String(), err)
	}
}
