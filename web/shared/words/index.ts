// What the page says, in the reader's language. Messages stand in en.po and
// zh.po under ids of ours; a test compares them with what the code asks for.

import { setupI18n } from '@lingui/core';
import { useSyncExternalStore } from 'react';

export type Language = 'zh' | 'en';

const key = 'tidings.language';
const i18n = setupI18n();
const listeners = new Set<() => void>();
let version = 0;

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

export async function speak(language: Language): Promise<void> {
  const { messages } = language === 'zh' ? await import('./zh.po') : await import('./en.po');
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

/** Renders the component again when the language changes. */
export function useLanguage(): Language {
  useSyncExternalStore(subscribe, () => version);
  return i18n.locale as Language;
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}
