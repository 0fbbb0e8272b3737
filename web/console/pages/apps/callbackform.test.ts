import { describe, expect, it } from 'vitest';
import {
  called,
  formOf,
  isReady,
  isWrongKey,
  isWrongToken,
  namesOf,
  randomSecrets,
  randomText,
  requestOf,
} from './callbackform';
import type { EventCallback } from './queries';

const available = ['user_add_org', 'user_leave_org'];
const is = { url: 'https://example.com/events', has_query: false, events: ['user_add_org'] } as EventCallback;
const secrets = { token: 'token', key: 'a'.repeat(43) };

describe('the form of a callback', () => {
  it('begins with every event and needs all of a new one', () => {
    const form = formOf(null, available);
    expect(form.events).toEqual(available);
    expect(isReady({ ...form, url: 'https://example.com/' }, null)).toBe(false);
    const whole = { ...form, url: ' https://example.com/ ', ...secrets };
    expect(isReady(whole, null)).toBe(true);
    expect(isReady({ ...whole, events: [] }, null)).toBe(false);
    expect(requestOf(whole, null)).toEqual({
      url: 'https://example.com/',
      events: available,
      token: 'token',
      aes_key: secrets.key,
    });
  });

  it('leaves out what stays', () => {
    const form = formOf(is, available);
    expect(isReady(form, is)).toBe(true);
    expect(requestOf(form, is)).toEqual({ events: ['user_add_org'] });
    expect(isReady({ ...form, url: '' }, is)).toBe(false);
    expect(isReady({ ...form, renews: true }, is)).toBe(false);
  });

  it('keeps an address whose query it does not know, until another one is typed', () => {
    const hidden = { ...is, has_query: true };
    const form = formOf(hidden, available);
    expect(form.url).toBe('');
    expect(isReady(form, hidden)).toBe(true);
    expect(requestOf(form, hidden)).toEqual({ events: ['user_add_org'] });
    // The address without its query is another one.
    expect(requestOf({ ...form, url: is.url }, hidden)).toEqual({ events: ['user_add_org'], url: is.url });
  });

  it('gives events that have two names all the one or all the other', () => {
    const twoNames = [
      { older: 'tmp_auth_code', newer: 'org_suite_auth' },
      { older: 'suite_relieve', newer: 'org_suite_relieve' },
    ];
    const older = {
      ...formOf(null, ['suite_ticket', 'tmp_auth_code', 'suite_relieve']),
      events: ['tmp_auth_code', 'suite_ticket'],
    };
    expect(namesOf(older, twoNames)).toBe('older');
    const newer = called(older, twoNames, 'newer');
    expect(newer.offered).toEqual(['suite_ticket', 'org_suite_auth', 'org_suite_relieve']);
    expect(newer.events).toEqual(['org_suite_auth', 'suite_ticket']);
    expect(namesOf(newer, twoNames)).toBe('newer');
    expect(called(newer, twoNames, 'older')).toEqual(older);
    // A program that lists its events itself may have mixed them.
    const mixed = formOf(null, ['suite_ticket', 'org_suite_auth', 'suite_relieve']);
    expect(namesOf(mixed, twoNames)).toBeUndefined();
    expect(namesOf(called(mixed, twoNames, 'older'), twoNames)).toBe('older');
  });

  it('knows what a token and a key are', () => {
    expect(isWrongToken('x'.repeat(64))).toBe(false);
    expect(isWrongToken('字'.repeat(22))).toBe(true);
    expect(isWrongKey('')).toBe(false);
    expect(isWrongKey(secrets.key)).toBe(false);
    expect(isWrongKey(`${'a'.repeat(42)}+`)).toBe(true);
  });

  it('makes them by chance', () => {
    const [one, other] = [randomSecrets(), randomSecrets()];
    expect(isWrongKey(one.key) || one.key === '').toBe(false);
    expect(one).not.toEqual(other);
    expect(new Set(randomText(10_000)).size).toBe(62);
  });
});
