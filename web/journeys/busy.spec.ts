// Busy days: a loud app beside a quiet one, many apps, and coming back to much
// that is new.

import type { Page } from '@playwright/test';
import { badge, card, expect, full, lookAway, some, test, texts, violations } from './journey';
import type { App } from './tidings';

const sizes = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
];

/** An app's count in the filter. */
function countOf(page: Page, app: string) {
  return page.locator('.choice').filter({ hasText: app }).locator('.badge [aria-hidden]');
}

/** Whether nothing lies over the last three links of cards, and how many toasts there are at that moment. */
function pressable(page: Page): Promise<{ toasts: number; links: boolean[] }> {
  return page.evaluate(() => ({
    toasts: document.querySelectorAll('.toast').length,
    links: [...document.querySelectorAll('.row-card a')].slice(-3).map((link) => {
      const { left, top, width, height } = link.getBoundingClientRect();
      return [1, height / 2, height - 1].every((y) => document.elementFromPoint(left + width / 2, top + y) === link);
    }),
  }));
}

for (const [n, { name, viewport }] of some([...sizes.entries()], 1)) {
  test(`a loud app hides no quiet one, ${name}`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(30 + n);
    const [quiet, loud] = [await tidings.newApp(`审批中心${n}`), await tidings.newApp(`监控告警${n}`)];
    const page = await signedIn(ann, { viewport });
    await lookAway(page);
    await texts(quiet, ann, 3, '待你审批');
    await texts(loud, ann, 101, '磁盘告警 https://example.com/a');
    await expect(countOf(page, `监控告警${n}`)).toHaveText('99+');
    await expect(countOf(page, `审批中心${n}`)).toHaveText('3');
    expect(await violations(page)).toEqual([]);

    // Marking all as read is for the app that is shown.
    await page
      .locator('.choice')
      .filter({ hasText: `监控告警${n}` })
      .click();
    const all = page.getByRole('button', { name: `将“监控告警${n}”全部标为已读` }).first();
    await all.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText(`“监控告警${n}”已全部标为已读`)).toBeVisible();
    await expect(page.getByRole('button', { name: '撤销' })).toBeFocused();
    // What says so lies over no card: the links of the newest can be pressed meanwhile.
    await expect.poll(() => pressable(page)).toEqual({ toasts: 1, links: [true, true, true] });
    await expect(countOf(page, `监控告警${n}`)).toHaveCount(0);
    await expect(countOf(page, `审批中心${n}`)).toHaveText('3');
    await page.reload(); // before the time to take it back is over: who leaves has meant it
    await lookAway(page);
    await expect(countOf(page, `审批中心${n}`)).toHaveText('3');
    await expect(countOf(page, `监控告警${n}`)).toHaveCount(0);
  });

  test(`coming back to sixty new messages, ${name}`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(34 + n);
    const app = await tidings.newApp(`运维${n}`);
    const page = await signedIn(ann, { viewport });
    await app.text(ann, '上次看到这里');
    await expect(card(page, '上次看到这里')).toBeVisible();
    await page.goto('about:blank');

    await texts(app, ann, 30, '新告警');
    await page.goto(`${tidings.base}/`);
    await lookAway(page);
    // The line is where one begins, with the messages after it below.
    await expect(page.locator('.new-line')).toBeInViewport();
    await expect.poll(() => page.locator('.new-line').evaluate((e) => e.getBoundingClientRect().top)).toBeLessThan(300);

    // More than a page: the way up to the first of them is one click.
    await page.goto('about:blank');
    await texts(app, ann, 60, '又一批');
    await page.goto(`${tidings.base}/`);
    await lookAway(page);
    await expect(page.locator('.above')).toHaveText(/^\d+ 条未读$/);
    expect(await violations(page)).toEqual([]);
    const before = Number(await badge(page));
    expect(before).toBeGreaterThanOrEqual(60);
    await page.locator('.above').click();
    await expect(page.locator('.above')).toHaveCount(0);
    await expect(page.locator('.scroller')).toBeFocused();
    const first = page.locator('.row-card:has([data-unread="true"])').first();
    await expect(first).toBeInViewport();
  });
}

test(`${full ? 'two thousand' : 'hundreds of'} unread over twelve apps`, async ({ tidings, signedIn }) => {
  const ann = tidings.person(38);
  const apps = await Promise.all(Array.from({ length: 12 }, (_, n) => tidings.newApp(`系统 ${n + 1}`)));
  // The first is the loudest, the seventh has too many to be counted, the last has nine.
  const [loudest, others] = full ? [391, 160] : [130, 12];
  const counts = apps.map((_, n) => (n === 11 ? 9 : n === 0 ? loudest : n === 6 ? Math.max(others, 101) : others));
  await Promise.all([...apps.keys()].reverse().map((n) => texts(apps[n] as App, ann, counts[n] as number, '通知')));
  const page = await signedIn(ann);
  await lookAway(page);
  await expect(countOf(page, '系统 12')).toHaveText('9');
  await expect(countOf(page, '系统 7')).toHaveText('99+');
  await expect.poll(() => badge(page)).toBe('99+');
  expect(await violations(page)).toEqual([]);
});
