// @vitest-environment jsdom

import { expect, it } from 'vitest';
import { place } from './place';
import { takeRefusal, wanted } from './ways';

const at = (address: string) => history.replaceState(null, '', address);

it('reads why somebody is not signed in, once', () => {
  at(
    '/o/corp#signin_waiting&source=Company+account&shown=ann%40example.com&ref=4f7k2p&return_to=%2Fconsole%3Fa%3Db%26c',
  );
  const refusal = takeRefusal();
  expect(refusal).toEqual({
    code: 'signin_waiting',
    minutes: 1,
    source: 'Company account',
    shown: 'ann@example.com',
    ref: '4f7k2p',
    returnTo: '/console?a=b&c',
  });
  expect(wanted(refusal)).toBe('/console?a=b&c');
  expect(location.hash).toBe('');
  expect(takeRefusal()).toBeNull();
  at('/o/corp#signin_throttled&minutes=7');
  expect(takeRefusal()?.minutes).toBe(7);
  at('/o/corp#busy');
  expect(takeRefusal()?.code).toBe('other');
});

it('takes nothing else for a refusal', () => {
  for (const address of [
    '/o/corp',
    '/o/corp#',
    '/o/corp#sign-in=tdl_1',
    '/#signin_expired',
    '/?org=corp#signin_expired',
    '/o/corp#%00',
  ]) {
    at(address);
    expect(takeRefusal(), address).toBeNull();
  }
});

it('leads back to where the reader was', () => {
  const from = (address: string) => {
    at(address);
    return wanted(null);
  };
  expect(from('/')).toBe('/');
  expect(from('/o/')).toBe('/');
  expect(place()).toEqual({ corpID: null, agent: null });
  expect(from('/o/corp')).toBe('/?org=corp');
  expect(from('/?org=corp&app=12')).toBe('/?org=corp&app=12');
  expect(from('/?org=corp&then=/console/apps?org=corp')).toBe('/console/apps?org=corp');
});
