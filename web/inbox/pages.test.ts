// @vitest-environment jsdom

import { afterEach, expect, it, vi } from 'vitest';
import { Refused } from '../shared/api/client';
import { Pages } from './pages';

const origin = 'https://app.example.com';
const asked = { tidings: 'requestAuthCode', id: '1', corpId: '', clientId: '', agentId: '' };

let stop = () => {};
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

/** An inbox that has opened one page, and what its window was told. */
function opened() {
  const told: unknown[][] = [];
  const tab = { closed: false, postMessage: (...args: unknown[]) => told.push(args) } as unknown as Window;
  const make = vi.fn(async (_corpID: string, _body: object) => ({ code: 'tdc_1' }));
  vi.stubGlobal('open', () => tab);
  const pages = new Pages('corp', make);
  stop = pages.listen();
  pages.open('7', `${origin}/home?a=b`);
  const says = async (data: unknown, from: unknown = tab, at = origin) => {
    const e = new MessageEvent('message', { data, origin: at });
    Object.defineProperty(e, 'source', { value: from });
    dispatchEvent(e);
    await new Promise((done) => setTimeout(done));
    await new Promise((done) => setTimeout(done));
  };
  return { told, tab, make, says, pages };
}

it('answers the page that it has opened, at its origin', async () => {
  const { told, make, says } = opened();
  await says({ ...asked, corpId: 'corp', clientId: 'key' });
  expect(told).toEqual([[{ tidings: 'requestAuthCode', id: '1', code: 'tdc_1' }, origin]]);
  expect(make.mock.calls).toEqual([['corp', { agent_id: '7', origin, kind: 'requestAuthCode', client_id: 'key' }]]);
});

it('answers with a code of the kind that was asked for, of its own app alone', async () => {
  const { told, make, says } = opened();
  const operate = { ...asked, tidings: 'requestOperateAuthCode', corpId: 'corp' };
  await says({ ...operate, agentId: '7' });
  await says({ ...operate, agentId: '8' });
  expect(told).toEqual([
    [{ tidings: 'requestOperateAuthCode', id: '1', code: 'tdc_1' }, origin],
    [{ tidings: 'requestOperateAuthCode', id: '1', error: 'the page is of another app' }, origin],
  ]);
  expect(make.mock.calls).toEqual([['corp', { agent_id: '7', origin, kind: 'requestOperateAuthCode' }]]);
});

it('says nothing to others, asks the server for nothing', async () => {
  const { told, tab, make, says } = opened();
  const other = { postMessage: tab.postMessage };
  await says(asked, other);
  await says(asked, null);
  await says(asked, tab, 'https://evil.example.com');
  await says(asked, tab, 'null');
  await says(asked, tab, 'http://app.example.com');
  for (const data of [
    null,
    'requestAuthCode',
    {},
    { ...asked, tidings: 'x' },
    { ...asked, id: 1 },
    { ...asked, corpId: {} },
    { ...asked, agentId: 7 },
  ]) {
    await says(data);
  }
  expect([told, make.mock.calls]).toEqual([[], []]);
});

it('refuses a page that asks for another organization', async () => {
  const { told, make, says } = opened();
  await says({ ...asked, corpId: 'other' });
  expect(told).toEqual([
    [{ tidings: 'requestAuthCode', id: '1', error: 'the inbox is of another organization' }, origin],
  ]);
  expect(make).not.toHaveBeenCalled();
});

it('tells the page what the server refuses', async () => {
  const { told, make, says } = opened();
  make.mockRejectedValue(new Refused(403, 'permission_denied', ''));
  await says(asked);
  expect(told).toEqual([[{ tidings: 'requestAuthCode', id: '1', error: 'permission_denied' }, origin]]);
});
