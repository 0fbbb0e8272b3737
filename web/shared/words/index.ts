// What the page says, in the reader's language. Messages stand in en.po and
// zh.po under ids of ours: those of shared code here, those of an entry in its
// own directory. A test compares them with what the code asks for.

import { type Messages, setupI18n } from '@lingui/core';
import { useSyncExternalStore } from 'react';

export type Language = 'zh' | 'en';

/** Loads what an entry says in a language. */
export type Words = (language: Language) => Promise<{ messages: Messages }>;

const key = 'tidings.language';
const i18n = setupI18n();
const listeners = new Set<() => void>();
let version = 0;
let own: Words | undefined;

/** The reader's choice, else the browser's first language that we speak, else English. */
export function chosenLanguage(): Language {
  const kept = localStorage.getItem(key);
  if (kept === 'zh' || kept === 'en') {
    return kept;
  }
  for (const tag of navigator.languages) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'zh' || language === 'en') {
      return language;
    }
  }
  return 'en';
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(key, language);
  await speak(language);
}

/** Says everything in this language from now on; an entry gives its words with the first call. */
export async function speak(language: Language, words = own): Promise<void> {
  own = words;
  const shared = language === 'zh' ? import('./zh.po') : import('./en.po');
  const loaded = await Promise.all([shared, words?.(language)]);
  const messages = Object.assign({}, ...loaded.map((l) => l?.messages));
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = locale();
  version++;
  for (const tell of listeners) {
    tell();
  }
}

/** The language as Intl wants it. */
export function locale(): string {
  return i18n.locale === 'zh' ? 'zh-CN' : 'en';
}

/** The message with this id. */
export function t(id: string, values?: Record<string, string | number>): string {
  return i18n._(id, values);
}

/** Whether there is a message with this id. */
export function has(id: string): boolean {
  return id in i18n.messages;
}

/** Renders the component again when the language changes. */
export function useLanguage(): Language {
  useSyncExternalStore(subscribe, () => version);
  return i18n.locale as Language;
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}
