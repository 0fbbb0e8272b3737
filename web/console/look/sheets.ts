// Takes the place of the modules through which Ant Design writes its styles
// (see web/sheets.ts). The functions are theirs by name and meaning; each style
// is a sheet that the document adopts, since the page's policy allows no <style>.

interface Where {
  /** 'queue': among the others of its kind by priority; true: before all. */
  prepend?: boolean | 'queue';
  priority?: number;
}

interface Handle {
  setAttribute: () => void;
}

const written = new Map<string, { css: string; sheet: CSSStyleSheet; handle: Handle }>();
const ranks = new WeakMap<CSSStyleSheet, number>();

/** Writes a style, or writes it anew if there is one of that name. */
export function updateCSS(css: string, key: string, where: Where = {}): Handle {
  const known = written.get(key);
  if (known) {
    if (known.css !== css) {
      known.css = css;
      known.sheet.replaceSync(css);
    }
    return known.handle;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  adopt(sheet, rankOf(where));
  const handle = { setAttribute: () => undefined };
  written.set(key, { css, sheet, handle });
  return handle;
}

/** Writes a style that is never written again. */
export function injectCSS(css: string, where: Where = {}): Handle {
  return updateCSS(css, css, where);
}

/** Removes a style. */
export function removeCSS(key: string): void {
  const known = written.get(key);
  if (known) {
    written.delete(key);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== known.sheet);
  }
}

export function getShadowRoot(): undefined {
  return undefined; // nothing of ours stands in one
}

export function warningOnce(): void {
  // Warnings are for development.
}

function rankOf({ prepend, priority = 0 }: Where): number {
  if (prepend === 'queue') {
    return priority;
  }
  return prepend ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** A sheet of a higher rank comes later and wins; of the same rank the later one does. */
function adopt(sheet: CSSStyleSheet, rank: number): void {
  ranks.set(sheet, rank);
  const all = document.adoptedStyleSheets;
  const after = all.findIndex((s) => (ranks.get(s) ?? rank) > rank);
  all.splice(after < 0 ? all.length : after, 0, sheet);
}
