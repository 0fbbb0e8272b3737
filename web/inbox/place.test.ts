// @vitest-environment jsdom

import { expect, it } from 'vitest';
import { onward } from './place';

it('goes on to our own pages and nowhere else', () => {
  const to = (then: string) => {
    history.replaceState(null, '', `/?then=${encodeURIComponent(then)}`);
    return onward();
  };
  expect(to('/console/reviews?org=a&q=b')).toBe('/console/reviews?org=a&q=b');
  expect(to('/console')).toBe('/console');
  expect(to('/oauth2/auth?client_id=a&state=b%26c')).toBe('/oauth2/auth?client_id=a&state=b%26c');
  for (const elsewhere of [
    '',
    '/',
    '/consoles',
    '/oauth2/authors',
    '/oauth2/',
    '/api/v1/me',
    'https://example.com/console',
    '//example.com/console',
    '/\\example.com/console',
    '/console/../api/v1/me',
    'javascript:alert(1)',
    'data:text/html,/console',
  ]) {
    expect(to(elsewhere), elsewhere).toBeNull();
  }
});
