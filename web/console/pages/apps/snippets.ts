// A request to this very server, as a program would make it: it sends a text to
// one person. The secret is none of it: it stands in the environment.

export const languages = ['curl', 'go', 'java'] as const;
export type Language = (typeof languages)[number];

export interface Call {
  host: string;
  key: string;
  agent: string;
  userid: string;
  content: string;
}

const path = '/topapi/message/corpconversation/asyncsend_v2';

export function snippet(language: Language, call: Call): string {
  return { curl, go, java }[language](call);
}

function body({ agent, userid, content }: Call): string {
  return JSON.stringify({
    agent_id: Number(agent),
    userid_list: userid,
    msg: { msgtype: 'text', text: { content } },
  });
}

/** A text within single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(call: Call): string {
  return `HOST=${quoted(call.host)}
TOKEN=$(curl -s -G "$HOST/gettoken" -d appkey=${call.key} --data-urlencode "appsecret=$SECRET" |
  sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')

curl -s "$HOST${path}?access_token=$TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d ${quoted(body(call))}
`;
}

// A string of JSON is one of Go and of Java too.
const literal = (text: string) => JSON.stringify(text);

function go(call: Call): string {
  return `package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
)

const host = ${literal(call.host)}

func main() {
	app := url.Values{"appkey": {${literal(call.key)}}, "appsecret": {os.Getenv("SECRET")}}
	token := read(http.Get(host + "/gettoken?" + app.Encode())).AccessToken

	send := host + "${path}?access_token=" + url.QueryEscape(token)
	body := ${literal(body(call))}
	fmt.Println("task", read(http.Post(send, "application/json", strings.NewReader(body))).TaskID)
}

type answer struct {
	Code        int    \`json:"errcode"\`
	Text        string \`json:"errmsg"\`
	AccessToken string \`json:"access_token"\`
	TaskID      int64  \`json:"task_id"\`
}

func read(response *http.Response, err error) (a answer) {
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		log.Fatal(err)
	}
	if a.Code != 0 {
		log.Fatal(a.Code, " ", a.Text)
	}
	return a
}
`;
}

function java(call: Call): string {
  return `// com.aliyun:alibaba-dingtalk-service-sdk:2.0.0
import com.dingtalk.api.DefaultDingTalkClient;
import com.dingtalk.api.request.OapiGettokenRequest;
import com.dingtalk.api.request.OapiMessageCorpconversationAsyncsendV2Request;

public class Send {
  static final String HOST = ${literal(call.host)};

  public static void main(String[] args) throws Exception {
    OapiGettokenRequest app = new OapiGettokenRequest();
    app.setAppkey(${literal(call.key)});
    app.setAppsecret(System.getenv("SECRET"));
    app.setHttpMethod("GET");
    String token = new DefaultDingTalkClient(HOST + "/gettoken").execute(app).getAccessToken();

    OapiMessageCorpconversationAsyncsendV2Request send = new OapiMessageCorpconversationAsyncsendV2Request();
    send.setAgentId(${call.agent}L);
    send.setUseridList(${literal(call.userid)});
    OapiMessageCorpconversationAsyncsendV2Request.Msg msg = new OapiMessageCorpconversationAsyncsendV2Request.Msg();
    msg.setMsgtype("text");
    msg.setText(new OapiMessageCorpconversationAsyncsendV2Request.Text());
    msg.getText().setContent(${literal(call.content)});
    send.setMsg(msg);
    String path = "${path}";
    System.out.println(new DefaultDingTalkClient(HOST + path).execute(send, token).getBody());
  }
}
`;
}
