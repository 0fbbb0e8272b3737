// What the form of a callback says, and what of it is wrong. The server decides, by the
// same rules (internal/callback/callback.go).

import { has, t } from '../../../shared/words';
import type { EventCallback, EventNames, SaveCallbackRequest } from './queries';

/** An event in words: 员工加入. Those that this page does not know yet by their names. */
export function eventText(event: string): string {
  const id = `callback.event.${event}`;
  return has(id) ? t(id) : event;
}

/** Which of the names of an event that has two. */
export const generations = ['older', 'newer'] as const;
export type Generation = (typeof generations)[number];

export interface CallbackForm {
  url: string;
  /** All that the app may be told of, by the names that the form gives it. */
  offered: readonly string[];
  /** What of that it is told of. */
  events: readonly string[];
  /** Whether the program gets another token and key. */
  renews: boolean;
  token: string;
  key: string;
}

const [mostToken, keyLength] = [64, 43];

/** The form as it is opened. An address with a query is not filled in: the query is not told. */
export function formOf(is: EventCallback | null, available: readonly string[]): CallbackForm {
  return {
    url: is === null || is.has_query ? '' : is.url,
    offered: available,
    events: is?.events ?? available,
    renews: is === null,
    token: '',
    key: '',
  };
}

/** Which of their two names the form gives to events; none where it gives them now this, now that. */
export function namesOf({ offered }: CallbackForm, twoNames: readonly EventNames[]): Generation | undefined {
  return generations.find((which) => twoNames.every((names) => offered.includes(names[which])));
}

/** The form with other names of the same events. */
export function called(form: CallbackForm, twoNames: readonly EventNames[], which: Generation): CallbackForm {
  const name = (event: string) =>
    twoNames.find(({ older, newer }) => event === older || event === newer)?.[which] ?? event;
  return { ...form, offered: form.offered.map(name), events: form.events.map(name) };
}

/** What of it the browser may keep: secrets stay in the page. */
export function withoutSecrets(form: CallbackForm): CallbackForm {
  return { ...form, token: '', key: '' };
}

/** Whether it can be sent; what is wrong with a part is told beside it. */
export function isReady(form: CallbackForm, is: EventCallback | null): boolean {
  const keeps = is !== null && !form.renews;
  return (
    (form.url.trim() !== '' || (is?.has_query ?? false)) &&
    form.events.length > 0 &&
    (keeps || (form.token !== '' && form.key !== '' && !isWrongToken(form.token) && !isWrongKey(form.key)))
  );
}

export const isWrongToken = (token: string): boolean => new TextEncoder().encode(token).length > mostToken;
export const isWrongKey = (key: string): boolean => key !== '' && !/^[a-zA-Z0-9]{43}$/.test(key);

/** What is sent: what stays is left out. */
export function requestOf(form: CallbackForm, is: EventCallback | null): SaveCallbackRequest {
  const url = form.url.trim();
  const stays = is !== null && (url === '' || (url === is.url && !is.has_query));
  return {
    events: [...form.events],
    ...(stays ? {} : { url }),
    ...(form.renews ? { token: form.token, aes_key: form.key } : {}),
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Letters and digits that nobody can guess. */
export function randomText(length: number): string {
  const even = 256 - (256 % letters.length); // others would make the first letters more likely
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      text += byte < even && text.length < length ? letters[byte % letters.length] : '';
    }
  }
  return text;
}

export const randomSecrets = () => ({ token: randomText(26), key: randomText(keyLength) });
