// The tab's name and mark tell whether something is unread.

import { t } from '../shared/words';
import { badgeText } from './badge';

export function showInTab(unread: number): void {
  const count = badgeText(unread);
  document.title = count ? `(${count}) ${t('title')}` : t('title');
  const mark = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const address = `/assets/icons/${unread > 0 ? 'unread' : 'mark'}.svg`;
  if (mark && mark.getAttribute('href') !== address) {
    mark.href = address;
  }
}
