// The pages that the menu leads to, in its order.

import { Blocks, FileText, type LucideIcon, PenLine, ScanEye, Send } from 'lucide-react';
import roles from '../../shared/api/pages.json';

export interface ConsolePage {
  /** The first part of its address, and what getMe calls it in pages. */
  name: 'notifications' | 'compose' | 'templates' | 'reviews' | 'apps';
  icon: LucideIcon;
  /** The key that leads there after g. */
  key: string;
}

export const consolePages: readonly ConsolePage[] = [
  { name: 'notifications', icon: Send, key: 'n' },
  { name: 'compose', icon: PenLine, key: 'c' },
  { name: 'templates', icon: FileText, key: 't' },
  { name: 'reviews', icon: ScanEye, key: 'r' },
  { name: 'apps', icon: Blocks, key: 'a' },
];

/** The roles that open a page, as the server's table of rights has them. */
export function rolesOf(page: ConsolePage): readonly string[] {
  return roles[page.name];
}

/** The page that an address belongs to. */
export function pageAt(pathname: string): ConsolePage | undefined {
  const [first] = pathname.replace(/^\/(console\/)?/, '').split('/');
  return consolePages.find((p) => p.name === first);
}
