// Sends one message with node-dingtalk, on a machine whose hosts file leads everywhere here.
import dns from 'node:dns';
import DingTalk from 'node-dingtalk';

const { HOST, CORP_ID, SECRET, AGENT_ID, USERID } = process.env;

dns.lookup = (_name, options, done) => {
  const answer = typeof options === 'function' ? options : done;
  if (options?.all) answer(null, [{ address: '127.0.0.1', family: 4 }]);
  else answer(null, '127.0.0.1', 4);
};

const { client } = new DingTalk({ host: HOST, corpid: CORP_ID, corpsecret: SECRET });
const answer = await client.post('topapi/message/corpconversation/asyncsend_v2', {
  agent_id: AGENT_ID, userid_list: USERID, msg: { msgtype: 'text', text: { content: `Sent to ${HOST}` } },
});
console.log(JSON.stringify(answer));
