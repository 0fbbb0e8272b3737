// Clients whose host is DingTalk's and cannot be changed reach Tidings by the hosts file
// and an authority of one's own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startDemo } from './server.mjs';

const run = promisify(execFile);
let folder, demo, port;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-ca-'));
  await run(process.env.TIDINGS_BIN, ['admin', 'ca', 'create', join(folder, 'ca')]);
  demo = await startDemo(['--tls-cert', join(folder, 'ca/server.pem'), '--tls-key', join(folder, 'ca/server-key.pem')]);
  assert.match(demo.base_url, /^https:/);
  port = new URL(demo.base_url).port;
});

after(async () => {
  if (demo) assert.equal(await demo.stop(), 0, 'SIGTERM ends the server cleanly');
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Sends one message with node-dingtalk from a process of its own, whose names all lead here. */
const send = (host, authority) => {
  const { corp_id, apps, users } = demo.organizations[0];
  const app = apps.find(a => a.kind === 'internal');
  return run(process.execPath, ['fixedhost.mjs'], {
    env: {
      ...process.env, ...(authority && { NODE_EXTRA_CA_CERTS: authority }),
      HOST: `https://${host}:${port}`, CORP_ID: corp_id, SECRET: app.app_secret, AGENT_ID: app.agent_id, USERID: users[0].userid,
    },
  });
};

test('a client that trusts the authority sends to every host of DingTalk', async () => {
  for (const host of ['oapi.dingtalk.com', 'api.dingtalk.com', 'login.dingtalk.com', 'eco.taobao.com']) {
    const { stdout } = await send(host, join(folder, 'ca/ca.pem'));
    assert.equal(JSON.parse(stdout).errcode, 0, stdout);
  }
});

test('a client that does not trust it sends nothing', async () => {
  await assert.rejects(send('oapi.dingtalk.com'), /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN|self.signed certificate/);
});

test('the authority vouches for no other host', async () => {
  await assert.rejects(send('example.com', join(folder, 'ca/ca.pem')), /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate/);
});
