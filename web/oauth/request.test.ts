// @vitest-environment jsdom

import { expect, it } from 'vitest';
import { requestIn, signInPage } from './request';

const at = (address: string) => requestIn(new URL(address, 'https://tidings.example.com') as unknown as Location);

it('is what the address says', () => {
  expect(
    at(
      '/oauth2/auth?client_id=key&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb%3Fa%3Db&response_type=code&scope=openid%20corpid&state=a%26b&prompt=consent&other=1',
    ),
  ).toEqual({
    client_id: 'key',
    redirect_uri: 'https://app.example.com/cb?a=b',
    response_type: 'code',
    scope: 'openid corpid',
    state: 'a&b',
    prompt: 'consent',
  });
});

it('takes nothing that is there twice', () => {
  const request = at(
    '/oauth2/auth?client_id=a&client_id=b&redirect_uri=x&redirect_uri=y&state=1&state=2&response_type=code',
  );
  expect(request).toEqual({ client_id: '', redirect_uri: '', response_type: 'code' });
});

it('asks for an sns code at the older addresses', () => {
  for (const path of ['/connect/qrconnect', '/connect/oauth2/sns_authorize']) {
    expect(
      at(
        `${path}?appid=key&client_id=other&redirect_uri=x&response_type=code&scope=snsapi_login&state=1&prompt=consent`,
      ),
    ).toEqual({
      kind: 'sns',
      client_id: 'key',
      redirect_uri: 'x',
      response_type: 'code',
      scope: 'snsapi_login',
      state: '1',
    });
  }
});

it('comes back from the sign-in page', () => {
  history.replaceState(null, '', '/oauth2/auth?client_id=a&state=b%26c');
  const page = new URL(signInPage('corp'), location.origin);
  expect(page.pathname).toBe('/');
  expect(page.searchParams.get('org')).toBe('corp');
  expect(page.searchParams.get('then')).toBe('/oauth2/auth?client_id=a&state=b%26c');
});
