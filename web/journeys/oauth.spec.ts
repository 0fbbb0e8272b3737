// Signing in to a program, as Casdoor and others do it: a program of the
// journey's own sends the browser to us, and learns who comes back.

import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, some, test, violations } from './journey';
import type { Tidings } from './tidings';

/** A program that one signs in to. It keeps what the browser came back with. */
class Program {
  readonly came: URL[] = [];
  private constructor(
    readonly server: Server,
    readonly tidings: Tidings,
    readonly key: string,
    readonly secret: string,
  ) {}

  static async start(tidings: Tidings): Promise<Program> {
    const [app] = tidings.first.apps.filter((a) => a.kind === 'internal');
    const server = createServer();
    const program = new Program(server, tidings, app?.app_key ?? '', app?.app_secret ?? '');
    server.on('request', (request: IncomingMessage, answer) => {
      const url = new URL(request.url ?? '/', program.base);
      if (url.pathname === '/callback') {
        program.came.push(url);
      }
      answer.setHeader('Content-Type', 'text/html; charset=utf-8');
      answer.end('<!doctype html><title>Program</title><h1>The program</h1>');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    await program.declare('add');
    return program;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  declare(verb: 'add' | 'remove'): Promise<unknown> {
    const { corp_id } = this.tidings.first;
    return this.tidings.admin('--org', corp_id, 'app', 'redirect', verb, this.key, `${this.base}/callback`);
  }

  /** Where it sends the browser. */
  address(changes: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      client_id: this.key,
      redirect_uri: `${this.base}/callback?next=home`,
      response_type: 'code',
      scope: 'openid',
      state: 'a&b=1',
      prompt: 'consent',
      ...changes,
    });
    return `${this.tidings.base}/oauth2/auth?${query}`;
  }

  /** Takes the code that came for a token, and asks who it is. */
  async who(): Promise<{ nick: string; unionId: string }> {
    const exchanged = await fetch(`${this.tidings.base}/v1.0/oauth2/userAccessToken`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        clientId: this.key,
        clientSecret: this.secret,
        code: this.came.at(-1)?.searchParams.get('authCode'),
        grantType: 'authorization_code',
      }),
    });
    const { accessToken } = (await exchanged.json()) as { accessToken: string };
    const me = await fetch(`${this.tidings.base}/v1.0/contact/users/me`, {
      headers: { 'x-acs-dingtalk-access-token': accessToken },
    });
    return (await me.json()) as { nick: string; unionId: string };
  }

  /** The older way: the address, and who came back with an sns code. */
  older(path: string): string {
    const query = new URLSearchParams({
      appid: this.key,
      redirect_uri: `${this.base}/callback`,
      response_type: 'code',
      scope: 'snsapi_login',
      state: 'older',
    });
    return `${this.tidings.base}${path}?${query}`;
  }

  async whoCame(): Promise<{ nick: string; unionid: string }> {
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', this.secret).update(timestamp).digest('base64');
    const query = new URLSearchParams({ accessKey: this.key, timestamp, signature });
    const answer = await fetch(`${this.tidings.base}/sns/getuserinfo_bycode?${query}`, {
      method: 'POST',
      body: JSON.stringify({ tmp_auth_code: this.came.at(-1)?.searchParams.get('code') }),
    });
    return ((await answer.json()) as { user_info: { nick: string; unionid: string } }).user_info;
  }

  async stop(): Promise<void> {
    await this.declare('remove');
    this.server.closeAllConnections();
    this.server.close();
  }
}

const heading = (page: Page) => page.getByRole('heading', { name: /登录/ });

test('a program learns who signs in to it, when they say so', async ({ tidings, browser, contextOptions }) => {
  const program = await Program.start(tidings);
  const ann = tidings.person(20);
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  // Not signed in yet: first with a link, and then on with what was asked.
  await page.goto(program.address());
  await expect(page.getByRole('heading', { name: '尚未登录' })).toBeVisible();
  await page.getByLabel('登录链接').fill(ann.sign_in_url);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page).toHaveURL(/\/oauth2\/auth\?/);
  await expect(heading(page)).toBeVisible();
  await expect(page.getByText(ann.name)).toBeVisible();
  await expect(page.getByText('手机号和邮箱')).toBeVisible();
  expect(program.came).toEqual([]);
  await page.getByRole('button', { name: '同意' }).click();
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  const came = program.came.at(-1)?.searchParams;
  expect([came?.get('next'), came?.get('state')]).toEqual(['home', 'a&b=1']);
  const who = await program.who();
  expect(who.nick).toBe(ann.name);
  expect(who.unionId).not.toBe('');

  // Whoever has said yes is not asked again, unless the program wants it.
  await page.goto(program.address({ prompt: '' }));
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  expect(program.came).toHaveLength(2);

  // They see what they have allowed, and withdraw it.
  await page.goto(`${tidings.base}/?org=${tidings.first.corp_id}`);
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '登录设备' }).click();
  await page.locator('.consents').getByRole('button', { name: '撤回' }).click();
  await page.getByRole('dialog').last().getByRole('button', { name: '撤回' }).click();
  await expect(page.locator('.consents')).toHaveCount(0);
  await page.goto(program.address({ prompt: '' }));
  await expect(heading(page)).toBeVisible();
  expect(program.came).toHaveLength(2);
  await context.close();
  await program.stop();
});

test('a program of the older way learns name and ids, and no more', async ({ tidings, signedIn }) => {
  const program = await Program.start(tidings);
  const ann = tidings.person(24);
  const page = await signedIn(ann);
  await page.goto(program.older('/connect/qrconnect'));
  await expect(heading(page)).toBeVisible();
  await expect(page.locator('.oauth-told li')).toHaveCount(1);
  await page.getByRole('button', { name: '同意' }).click();
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  const came = program.came.at(-1)?.searchParams;
  expect([came?.get('state'), came?.get('authCode')]).toEqual(['older', null]);
  expect((await program.whoCame()).nick).toBe(ann.name);
  // Whoever has said yes is not asked again, at the other address either.
  await page.goto(program.older('/connect/oauth2/sns_authorize'));
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  expect((await program.whoCame()).unionid).not.toBe('');
  await program.stop();
});

test('whoever refuses goes back without a code', async ({ tidings, signedIn }) => {
  const program = await Program.start(tidings);
  const page = await signedIn(tidings.person(21));
  await page.goto(program.address());
  await page.getByRole('button', { name: '拒绝' }).click();
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  const came = program.came.at(-1)?.searchParams;
  expect([came?.get('error'), came?.get('state'), came?.get('code')]).toEqual(['access_denied', 'a&b=1', null]);
  await program.stop();
});

test('nobody is sent to an address that is not declared', async ({ tidings, signedIn }) => {
  const program = await Program.start(tidings);
  const page = await signedIn(tidings.person(22));
  const elsewhere: string[] = [];
  page.on('request', (r) => !r.url().startsWith(tidings.base) && elsewhere.push(r.url()));
  for (const address of [
    `${program.base}/other`,
    `${program.base}/callback/`,
    `//${program.base.replace('http://', '')}/callback`,
    `${program.base}\\@example.com/callback`,
    'javascript:alert(1)',
  ]) {
    await page.goto(program.address({ redirect_uri: address }));
    await expect(page.getByText('未登记的地址')).toBeVisible();
    expect(await page.getByRole('button').count()).toBe(0);
  }
  await page.goto(program.address({ client_id: 'nobody' }));
  await expect(page.getByText('未登记或已停用')).toBeVisible();
  expect([program.came, elsewhere]).toEqual([[], []]);
  await program.stop();
});

for (const [scheme, width] of some(
  [
    ['light', 390],
    ['dark', 390],
    ['light', 1280],
    ['dark', 1280],
  ] as const,
  1,
)) {
  test(`axe finds nothing where a program asks, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const program = await Program.start(tidings);
    const page = await signedIn(tidings.person(23), { colorScheme: scheme, viewport: { width, height: 844 } });
    await page.goto(program.address());
    await expect(heading(page)).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: `../screenshots/oauth-${width}-${scheme}.png` });
    await page.goto(program.address({ redirect_uri: 'https://example.com/other' }));
    await expect(page.getByText('未登记的地址')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await program.stop();
  });
}
