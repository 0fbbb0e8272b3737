// Which theme the page shows: the reader's choice, else the system's.

export type Theme = 'system' | 'light' | 'dark';

const key = 'tidings.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

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
  show();
}

/** Shows the theme and follows the system and the other tabs. */
export function followTheme(): void {
  show();
  system.addEventListener('change', show);
  addEventListener('storage', (e) => {
    if (e.key === key || e.key === null) {
      show();
    }
  });
}

function show(): void {
  const theme = chosenTheme();
  document.documentElement.dataset.theme = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme;
}
