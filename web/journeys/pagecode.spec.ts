// An app's page learns who has opened it from the inbox, by the names of
// dingtalk-jsapi; a page elsewhere learns nothing.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { card, expect, test } from './journey';
import type { Tidings } from './tidings';

/** How pages that were written for DingTalk ask, by the path that they are at. */
const asks: Record<string, (corpID: string, agent: string) => string> = {
  '/older': (corpID) => `dd.runtime.permission.requestAuthCode({ corpId: '${corpID}', onSuccess, onFail })`,
  '/operate': (corpID, agent) =>
    `dd.runtime.permission.requestOperateAuthCode({ corpId: '${corpID}', agentId: '${agent}', onSuccess, onFail })`,
  '/another': (corpID) =>
    `dd.runtime.permission.requestOperateAuthCode({ corpId: '${corpID}', agentId: 1, onSuccess, onFail })`,
};
const newest = (corpID: string) => `dd.requestAuthCode({ corpId: '${corpID}', success: onSuccess, fail: onFail })`;

/** A page that asks when it is ready, and says in its title what came of it. */
const script = (base: string, ask: string) => `<!doctype html><title>asks</title><h1>App</h1>
<script src="${base}/assets/dd.js"></script>
<script>
const say = (what, value) => { document.title = what + ' ' + dd.env.platform + ' ' + value; };
const onSuccess = (r) => say('code', r.code);
const onFail = (e) => say('failed', e.errorMessage);
dd.ready(() => ${ask});
</script>`;

/** The server of an app, at two origins. */
class Site {
  private constructor(
    readonly own: Server,
    readonly hostile: Server,
  ) {}

  static async start(base: string, corpID: string, agent: string): Promise<Site> {
    const serve = () =>
      createServer((request, answer) => {
        answer.setHeader('Content-Type', 'text/html; charset=utf-8');
        const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
        answer.end(
          to
            ? `<script>location.replace(${JSON.stringify(to)})</script>`
            : script(base, (asks[request.url ?? ''] ?? newest)(corpID, agent)),
        );
      });
    const site = new Site(serve(), serve());
    for (const one of [site.own, site.hostile]) {
      await new Promise<void>((done) => one.listen(0, '127.0.0.1', done));
    }
    return site;
  }

  at(server: Server, path: string): string {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  }

  stop(): void {
    for (const one of [this.own, this.hostile]) {
      one.closeAllConnections();
      one.close();
    }
  }
}

/** Declares where the app has its page, and trusts both of the site's hosts. */
async function declare(tidings: Tidings, site: Site | null): Promise<void> {
  const owner = tidings.first.users.find((u) => u.roles.includes('owner'));
  const app = internal(tidings);
  const address = `${tidings.base}/api/v1/apps/${app?.agent_id}`;
  const headers = { Authorization: `Bearer ${owner?.api_token}`, 'Content-Type': 'application/json' };
  const was = (await (await fetch(address, { headers })).json()) as Record<string, unknown>;
  const answer = await fetch(address, {
    method: 'PUT',
    headers,
    body: JSON.stringify({
      edition: was.edition,
      name: was.name,
      description: was.description,
      icon: '',
      page_url: site ? site.at(site.own, '/home') : '',
      trusted_hosts: site ? [site.own, site.hostile].map((one) => site.at(one, '')) : [],
    }),
  });
  expect(answer.status).toBe(200);
}

const internal = (tidings: Tidings) => tidings.first.apps.find((a) => a.kind === 'internal');
const start = (tidings: Tidings) => Site.start(tidings.base, tidings.first.corp_id, `${internal(tidings)?.agent_id}`);

type Answer = { errcode: number; result?: { userid: string } };

/** What a call of the app's server answers. */
async function call(tidings: Tidings, path: string, body: object): Promise<Answer> {
  const app = internal(tidings);
  const given = await fetch(`${tidings.base}/gettoken?appkey=${app?.app_key}&appsecret=${app?.app_secret}`);
  const { access_token } = (await given.json()) as { access_token: string };
  const answer = await fetch(`${tidings.base}/topapi/${path}?access_token=${access_token}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Answer;
}

const visitor = (tidings: Tidings, code: string) => call(tidings, 'v2/user/getuserinfo', { code });

/** Clicks a link of a card, and returns the tab that it opens. */
async function opened(page: Page, text: string): Promise<Page> {
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    card(page, text).getByText(text).first().click(),
  ]);
  return tab;
}

const link = (messageUrl: string, title: string) => ({
  msgtype: 'link',
  link: { messageUrl, title, text: '打开', picUrl: '@none' },
});

test('an app’s page learns who has opened it, and no other page does', async ({ tidings, signedIn }) => {
  const site = await start(tidings);
  await declare(tidings, site);
  const app = await tidings.app();
  const ann = tidings.person(30);
  const page = await signedIn(ann);
  const mine = Date.now();
  for (const [at, title] of [
    [site.at(site.own, '/newer?a=b'), '较新'],
    [site.at(site.own, '/older'), '较旧'],
    [site.at(site.hostile, '/newer'), '别处'],
    [site.at(site.own, `/away?to=${encodeURIComponent(site.at(site.hostile, '/newer'))}`), '离开'],
    [
      `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(site.at(site.own, '/newer'))}&pc_slide=true`,
      '侧边',
    ],
  ] as const) {
    await app.send(ann, link(at, `${title}${mine}`));
  }
  for (const title of ['较新', '较旧']) {
    const tab = await opened(page, `${title}${mine}`);
    await expect(tab).toHaveTitle(/^code pc tdc_/);
    const code = (await tab.title()).replace('code pc ', '');
    expect(await visitor(tidings, code)).toMatchObject({ errcode: 0, result: { userid: ann.userid } });
    expect((await visitor(tidings, code)).errcode).toBe(40078);
    await tab.close();
  }

  // A trusted host elsewhere is opened without a way back, and the app's own page that has
  // gone there is not answered.
  const elsewhere = await opened(page, `别处${mine}`);
  await expect(elsewhere).toHaveTitle(/^failed notInDingTalk /);
  expect(await elsewhere.evaluate(() => window.opener)).toBeNull();
  await elsewhere.close();
  const away = await opened(page, `离开${mine}`);
  await away.waitForURL(site.at(site.hostile, '/newer'));
  await expect(away).toHaveTitle('failed pc the inbox does not answer', { timeout: 20_000 });
  await away.close();

  // Beside the stream.
  await card(page, `侧边${mine}`).getByText(`侧边${mine}`).first().click();
  const frame = page.frameLocator('.side iframe');
  await expect(frame.getByRole('heading', { name: 'App' })).toBeVisible();
  const inside = page.frames().find((f) => f.url() === site.at(site.own, '/newer'));
  await expect.poll(() => inside?.title()).toMatch(/^code pc tdc_/);

  // Opened by itself, it says so at once.
  const alone = await page.context().newPage();
  await alone.goto(site.at(site.own, '/newer'));
  await expect(alone).toHaveTitle(/^failed notInDingTalk /);
  await declare(tidings, null);
  site.stop();
});

test('an app sends once for what somebody has done on its page', async ({ tidings, signedIn }) => {
  const site = await start(tidings);
  await declare(tidings, site);
  const app = await tidings.app();
  const ann = tidings.person(31);
  const page = await signedIn(ann);
  const mine = Date.now();
  await app.send(ann, link(site.at(site.own, '/operate'), `申请${mine}`));
  await app.send(ann, link(site.at(site.own, '/another'), `他人${mine}`));

  const tab = await opened(page, `申请${mine}`);
  await expect(tab).toHaveTitle(/^code pc tdc_/);
  const code = (await tab.title()).replace('code pc ', '');
  await tab.close();
  const send = (content: string) =>
    call(tidings, 'message/corpconversation/asyncsendbycode', {
      agent_id: internal(tidings)?.agent_id,
      user_id_list: ann.userid,
      code,
      msgtype: 'text',
      msgcontent: { content },
    });
  expect((await visitor(tidings, code)).errcode).toBe(40078);
  expect((await send('x'.repeat(5001))).errcode).toBe(34016);
  expect((await send(`申请${mine}已收到`)).errcode).toBe(0);
  await expect(card(page, `申请${mine}已收到`)).toBeVisible();
  expect((await send(`申请${mine}又收到`)).errcode).toBe(40078);

  const another = await opened(page, `他人${mine}`);
  await expect(another).toHaveTitle('failed pc the page is of another app');
  await another.close();
  await declare(tidings, null);
  site.stop();
});
