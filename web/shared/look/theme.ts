// Which theme the reader has chosen. first.js shows it.

export type Theme = 'system' | 'light' | 'dark';

const key = 'tidings.theme';

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(key);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(key);
  } else {
    localStorage.setItem(key, theme);
  }
  dispatchEvent(new Event('tidings-theme'));
}
