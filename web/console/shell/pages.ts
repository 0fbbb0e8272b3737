// The pages that the menu leads to, in its order.

import { FileText, type LucideIcon, ScanEye, Send } from 'lucide-react';

/** A role, as the server names it. */
export type Role = 'developer' | 'author' | 'reviewer' | 'auditor' | 'administrator' | 'owner';

export interface ConsolePage {
  /** The first part of its address, and what getMe calls it in pages. */
  name: 'notifications' | 'templates' | 'reviews';
  icon: LucideIcon;
  /** Who may open it, for those who may not. */
  roles: readonly Role[];
  /** The key that leads there after g. */
  key: string;
}

export const consolePages: readonly ConsolePage[] = [
  {
    name: 'notifications',
    icon: Send,
    roles: ['developer', 'author', 'auditor', 'administrator', 'owner'],
    key: 'n',
  },
  {
    name: 'templates',
    icon: FileText,
    roles: ['author', 'reviewer', 'developer', 'auditor', 'administrator', 'owner'],
    key: 't',
  },
  { name: 'reviews', icon: ScanEye, roles: ['reviewer'], key: 'r' },
];

/** The page that an address belongs to. */
export function pageAt(pathname: string): ConsolePage | undefined {
  const [first] = pathname.replace(/^\/(console\/)?/, '').split('/');
  return consolePages.find((p) => p.name === first);
}
