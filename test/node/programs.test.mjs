// Drives a running server through what programs use of the newer wire, as it comes from the
// registry: the tokens and users/me of @alicloud/dingtalk, and the sign-in of Logto.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import contact from '@alicloud/dingtalk/contact_1_0.js';
import oauth2 from '@alicloud/dingtalk/oauth2_1_0.js';
import openapi from '@alicloud/openapi-client';
import createLogtoConnector from '@logto/connector-dingtalk-web';
import tea from '@alicloud/tea-util';
import { startDemo } from './server.mjs';

const callback = 'https://program.example.com/login/callback';
let demo, organization, app, suite, person;

before(async () => {
  demo = await startDemo();
  organization = demo.organizations[0];
  app = organization.apps.find(a => a.kind === 'internal');
  suite = organization.apps.find(a => a.kind === 'third_party');
  [person] = organization.users;
  const data = join(demo.folder, 'data');
  execFileSync(process.env.TIDINGS_BIN, [
    'admin', '--data', data, '--org', organization.corp_id, 'app', 'redirect', 'add', app.app_key, callback,
  ]);
});

after(async () => {
  if (demo) assert.equal(await demo.stop(), 0, 'SIGTERM ends the server cleanly');
});

/** What the person does whom a program sends to address: returns where the browser is sent back to. */
const agree = async address => {
  const json = { 'content-type': 'application/json', origin: demo.base_url };
  const began = await fetch(`${demo.base_url}/api/v1/sessions`, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${person.api_token}` },
    body: JSON.stringify({ link: person.sign_in_url.split('#sign-in=')[1] }),
  });
  const cookie = began.headers.getSetCookie().map(c => c.split(';')[0]).join('; ');
  const asked = Object.fromEntries(new URL(address).searchParams);
  const answer = await fetch(`${demo.base_url}/api/v1/authorizations`, {
    method: 'POST', headers: { ...json, cookie }, body: JSON.stringify(asked),
  });
  assert.equal(answer.status, 201);
  return new URL((await answer.json()).redirect_url).searchParams;
};

const pageFor = (extra = {}) => `${demo.base_url}/oauth2/auth?${new URLSearchParams({
  client_id: app.app_key, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's-1', prompt: 'consent', ...extra,
})}`;

test('@alicloud/dingtalk takes tokens of every kind, and asks who signed in', async () => {
  const { host } = new URL(demo.base_url);
  const config = () => new openapi.Config({ protocol: 'http', endpoint: host });
  const tokens = new oauth2.default(config());
  const got = await tokens.getAccessToken(new oauth2.GetAccessTokenRequest({ appKey: app.app_key, appSecret: app.app_secret }));
  assert.equal(got.body.expireIn, 7200);
  assert.ok(got.body.accessToken);

  const byCorp = await tokens.getToken(organization.corp_id, new oauth2.GetTokenRequest({
    clientId: app.app_key, clientSecret: app.app_secret, grantType: 'client_credentials',
  }));
  assert.equal(byCorp.body.accessToken, got.body.accessToken);

  const provider = { suiteKey: suite.app_key, suiteSecret: suite.app_secret, suiteTicket: suite.suite_ticket };
  const corp = await tokens.getCorpAccessToken(new oauth2.GetCorpAccessTokenRequest({ ...provider, authCorpId: organization.corp_id }));
  assert.ok(corp.body.accessToken);

  const code = (await agree(pageFor())).get('authCode');
  const exchange = { clientId: app.app_key, clientSecret: app.app_secret, grantType: 'authorization_code', code };
  const user = await tokens.getUserToken(new oauth2.GetUserTokenRequest(exchange));
  assert.ok(user.body.refreshToken);
  const again = await tokens.getUserToken(new oauth2.GetUserTokenRequest({
    clientId: app.app_key, clientSecret: app.app_secret, grantType: 'refresh_token', refreshToken: user.body.refreshToken,
  }));

  const people = new contact.default(config());
  const ask = token => people.getUserWithOptions(
    'me', new contact.GetUserHeaders({ xAcsDingtalkAccessToken: token }), new tea.RuntimeOptions({}),
  );
  const me = (await ask(again.body.accessToken)).body;
  assert.equal(me.nick, person.name);
  assert.ok(me.unionId && me.openId);
  await assert.rejects(ask(user.body.accessToken), { code: 'InvalidAuthentication' });
  await assert.rejects(
    tokens.getAccessToken(new oauth2.GetAccessTokenRequest({ appKey: app.app_key, appSecret: 'wrong' })),
    { code: 'invalidClientIdOrSecret' },
  );
});

test('Logto signs people in', async () => {
  // Its hosts are constants. An entry in /etc/hosts leads them to the server in earnest; here
  // the process does.
  const { hostname, port } = new URL(demo.base_url);
  const { request } = https;
  https.request = (address, options, answered) => {
    assert.equal(new URL(address).host, 'api.dingtalk.com');
    const { pathname, search } = new URL(address);
    return http.request({ ...options, protocol: 'http:', agent: undefined, hostname, host: hostname, port, path: pathname + search }, answered);
  };
  try {
    const connector = await createLogtoConnector({
      getConfig: async () => ({ clientId: app.app_key, clientSecret: app.app_secret }),
    });
    const address = await connector.getAuthorizationUri({ state: 's-2', redirectUri: callback, headers: {} }, async () => {});
    assert.equal(new URL(address).host, 'login.dingtalk.com');
    const back = await agree(address);
    assert.equal(back.get('state'), 's-2');
    const found = await connector.getUserInfo(Object.fromEntries(back), async () => ({}));
    assert.equal(found.name, person.name);
    assert.ok(found.id);
  } finally {
    https.request = request;
  }
});
