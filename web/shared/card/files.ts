// Uploads on a card: a recording with its player, a file with its kind.

import type { Body } from '../api/client';
import { t } from '../words';

const unit = 1024;

/** A size as people say it: 1.5 MB. */
export function sizeText(bytes: number): string {
  const names = ['B', 'KB', 'MB', 'GB'];
  let n = bytes;
  let at = 0;
  while (n >= unit && at < names.length - 1) {
    n /= unit;
    at++;
  }
  return `${at === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${names[at]}`;
}

/** Seconds as a player shows them: 0:07. */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

/** The kind of a file by its name, for its icon's letters and colour. */
export function fileKind(name: string): { letters: string; kind: string } {
  const ending = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const kinds: Record<string, string> = {
    pdf: 'pdf',
    doc: 'text',
    docx: 'text',
    xls: 'sheet',
    xlsx: 'sheet',
    csv: 'sheet',
    ppt: 'slides',
    pptx: 'slides',
    zip: 'packed',
    rar: 'packed',
  };
  return { letters: ending.toUpperCase() || '—', kind: kinds[ending] ?? 'other' };
}

/** Fills in a card's file. */
export function showFile(element: HTMLElement, file: NonNullable<Body['file']>): void {
  const source = element.dataset.src;
  const { letters, kind } = fileKind(file.name ?? '');
  const badge = make('span', 'file-kind', letters);
  badge.dataset.kind = kind;
  badge.setAttribute('aria-hidden', 'true');
  const about = make('span', 'file-about');
  if (source) {
    about.append(make('span', 'file-name', file.name ?? ''), make('span', 'file-size', sizeText(file.size ?? 0)));
  } else {
    about.append(make('span', 'file-size', t('file.missing')));
  }
  element.replaceChildren(badge, about);
  if (source) {
    element.append(download(source, file.name ?? '', t('file.download')));
  }
}

/** A link that keeps a file. */
export function download(source: string, name: string, label: string): HTMLAnchorElement {
  const a = make('a', 'icon-button download');
  a.href = source;
  a.download = name;
  a.setAttribute('aria-label', name ? `${label}: ${name}` : label);
  a.append(icon('M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14'));
  return a;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text?: string,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

/** An outline icon of 20 pixels, given its path in a square of 24. */
export function icon(path: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  for (const [name, value] of Object.entries({
    viewBox: '0 0 24 24',
    width: '20',
    height: '20',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  })) {
    svg.setAttribute(name, value);
  }
  const line = document.createElementNS(space, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
