package clients_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/polaris-team/dingtalk-sdk-golang/sdk"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// A provider's library whose hosts are constants of its own transport works where its hosts
// lead to the server, as entries in /etc/hosts would lead them: it takes a token with a
// signature, learns its agent, sends all in the query, and follows what it sent.
func TestProviderClient(t *testing.T) { //nolint:paralleltest // the settings of the library are the process's
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			home := harness.NewHome(t, engine)
			server := home.Demo(t)
			leadHere(t, server.BaseURL)
			serveAt(t, server.BaseURL) // for the token that is taken inside
			o := server.Organizations[0]
			suite := o.Apps[1]
			sendsDirectly(t, home, server, o)
			t.Setenv("SUITE_KEY", suite.Key)
			t.Setenv("SUITE_SECRET", suite.Secret)

			client, err := sdk.NewCorp(suite.Ticket, o.CorpID).CreateDingTalkClient()
			if err != nil || client.AgentId != suite.AgentID {
				t.Fatalf("agent %+v, %v", client, err)
			}
			to := o.Users[0].Userid + ",nobody-of-that-name"
			sent, err := client.SendWorkNotice(&to, nil, false, sdk.WorkNoticeMsg{MsgType: "text", Text: &sdk.TextNotice{Content: "The bridge is open & dry"}})
			if err != nil || sent.ErrCode != 0 || sent.TaskId == 0 {
				t.Fatalf("send: %+v, %v", sent, err)
			}
			if p, err := client.GetWorkNoticeProgress(sent.TaskId); err != nil || p.Progress.ProgressInPercent != 100 {
				t.Errorf("progress: %+v, %v", p, err)
			}
			r, err := client.GetWorkNoticeSendResult(sent.TaskId)
			if got := r.SendResult; err != nil || !slices.Equal(got.UnreadUserIdList, []string{o.Users[0].Userid}) || !slices.Equal(got.InvalidUserIdList, []string{"nobody-of-that-name"}) {
				t.Errorf("result: %+v, %v", r, err)
			}
			if r, err := client.RecallWorkNotice(sent.TaskId); err != nil || r.ErrCode != 0 {
				t.Errorf("recall: %+v, %v", r, err)
			}
			looksUpInside(t, o)
			server.Stop(t)
		})
	}
}

// looksUpInside asks with the token of the organization's own app.
func looksUpInside(t *testing.T, o harness.Organization) {
	t.Helper()
	token := newSigner(t, o.Apps[0]).(*signer).token(t)
	client := sdk.NewDingTalkClient(token, o.Apps[0].AgentID)
	somebody := o.Users[0]
	if u, err := client.GetUserDetail(somebody.Userid, nil); err != nil || u.Name != somebody.Name {
		t.Errorf("user: %+v, %v", u, err)
	}
	dept := strconv.FormatInt(somebody.DeptIDs[0], 10)
	if ids, err := client.GetDepMemberIds(dept); err != nil || !slices.Contains(ids.UserIds, somebody.Userid) {
		t.Errorf("userids of %s: %+v, %v", dept, ids, err)
	}
}

// everyHost is the address of this process to which names of hosts lead: another one for each
// run, so that several may have port 443 at once.
var everyHost = [4]byte{127, byte(1 + rand.IntN(250)), byte(rand.IntN(250)), byte(1 + rand.IntN(250))}

// leadHere has https at every host answered by a server. It takes the port 443, and ends the
// test where that is not to be had: TestPrograms sends the same requests again.
func leadHere(t *testing.T, base string) {
	t.Helper()
	at := net.JoinHostPort(net.IP(everyHost[:]).String(), "443")
	l, err := net.Listen("tcp", at)
	if errors.Is(err, os.ErrPermission) {
		t.Skip("this test needs root, to listen on port 443")
	}
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: &http.Transport{}}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: proxy}} //nolint:gosec // of this test alone
	s.StartTLS()
	t.Cleanup(s.Close)
}

// names answers every question for an address with everyHost.
func names(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer ours.Close()
		question := make([]byte, 2+512) // the length, and what it is the length of
		n, err := ours.Read(question)
		if err != nil {
			return
		}
		if n == 2 {
			m, err := ours.Read(question[2:])
			if n += m; err != nil {
				return
			}
		}
		var m dnsmessage.Message
		if err := m.Unpack(question[2:n]); err != nil || len(m.Questions) != 1 {
			return
		}
		m.Response, m.Additionals = true, nil
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: everyHost}}}
		}
		answer, err := m.AppendPack(make([]byte, 2, 512))
		if err != nil {
			return
		}
		answer[0], answer[1] = byte((len(answer)-2)>>8), byte(len(answer)-2)
		_, _ = ours.Write(answer)
	}()
	return theirs, nil
}
