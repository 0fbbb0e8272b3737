// Signing in to the program of a third-party app: people of every organization that has
// the app installed do so, and whoever's has not is told.

import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, violations } from './journey';
import type { Organization, Person, Tidings } from './tidings';

interface Suite {
  suite_key: string;
  suite_secret: string;
}

/** A program that keeps what the browser came back with. */
async function startProgram(tidings: Tidings) {
  const provider = tidings.first.corp_id;
  const suite = await tidings.admin<Suite>('--org', provider, 'suite', 'create', '门店巡检');
  const came: URLSearchParams[] = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/callback') {
      came.push(url.searchParams);
    }
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end('<!doctype html><title>Program</title><h1>The program</h1>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  await tidings.admin('--org', provider, 'suite', 'redirect', 'add', suite.suite_key, address);
  const query = new URLSearchParams({
    appid: suite.suite_key,
    redirect_uri: address,
    response_type: 'code',
    scope: 'snsapi_login',
    state: 'patrol',
  });
  return {
    came,
    page: `${tidings.base}/connect/qrconnect?${query}`,
    install: (o: Organization) =>
      tidings.admin('--org', provider, 'suite', 'install', suite.suite_key, '--in', o.corp_id),
    /** Takes the code that came, and says whose it is. */
    who: async () => {
      const timestamp = String(Date.now());
      const signature = createHmac('sha256', suite.suite_secret).update(timestamp).digest('base64');
      const asks = new URLSearchParams({ accessKey: suite.suite_key, timestamp, signature });
      const answer = await fetch(`${tidings.base}/sns/getuserinfo_bycode?${asks}`, {
        method: 'POST',
        body: JSON.stringify({ tmp_auth_code: came.at(-1)?.get('code') }),
      });
      return ((await answer.json()) as { user_info: { nick: string } }).user_info.nick;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('people of the organizations that have a third-party app sign in to its program', async ({
  tidings,
  signedIn,
}) => {
  const program = await startProgram(tidings);
  const [ann, other] = [tidings.person(26), tidings.second.users.find((u) => u.roles.includes('employee')) as Person];
  const page = await signedIn(ann);
  await page.goto(program.page);
  await expect(page.getByRole('heading', { name: '你的组织没有安装门店巡检' })).toBeFocused();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '返回' }).click();
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  expect([program.came[0]?.get('error'), program.came[0]?.get('code')]).toEqual(['access_denied', null]);

  await program.install(tidings.first);
  await page.goto(program.page);
  await expect(page.getByText(`该应用由${tidings.first.name}提供`)).toBeVisible();
  await expect(page.getByText(ann.name)).toBeVisible();
  await page.getByRole('button', { name: '同意' }).click();
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  expect(program.came[1]?.get('state')).toBe('patrol');
  expect(await program.who()).toBe(ann.name);
  // Whoever has said yes is not asked again.
  await page.goto(program.page);
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  expect(program.came).toHaveLength(3);

  // Of two organizations that have it, one is chosen.
  await program.install(tidings.second);
  await page.goto(other.sign_in_url);
  await expect(page.locator('.chat')).toBeVisible();
  await page.goto(program.page);
  await expect(page.getByText('用其他组织的身份登录')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(program.came).toHaveLength(3);
  await page.getByRole('button', { name: tidings.second.name }).click();
  await expect(page.getByText(`已以${other.name}`)).toBeVisible();
  await page.getByRole('button', { name: '同意' }).click();
  await expect(page.getByRole('heading', { name: 'The program' })).toBeVisible();
  expect(await program.who()).toBe(other.name);
  program.stop();
});
