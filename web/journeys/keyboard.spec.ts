// The whole inbox without a mouse. At each stop the focus shows, wherever one
// opens something one comes back to, and nothing holds the focus.

import type { Page } from '@playwright/test';
import { Elsewhere } from './elsewhere';
import { badge, card, expect, full, lookAway, png, test, texts, violations } from './journey';
import { enter, tabTo, tabToNamed } from './keys';

let trusted: Elsewhere;

test.beforeAll(async ({ tidings }) => {
  trusted = await Elsewhere.start('127.0.0.2');
  await tidings.admin('org', 'update', tidings.first.corp_id, '--trusted-hosts', trusted.base);
});

test.afterAll(() => trusted.stop());

/** Expects that axe finds nothing. */
async function accessible(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
}

/** Presses a key, and what it opened is closed by Escape, which gives the focus back. */
async function openAndEscape(page: Page, key: string, opened: string): Promise<void> {
  const opener = await page.evaluateHandle(() => document.activeElement);
  await page.keyboard.press(key);
  await expect(page.locator(opened)).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(page.locator(opened)).toHaveCount(0);
  expect(await page.evaluate((e) => document.activeElement === e, opener)).toBe(true);
}

/** How far below its end the stream comes to rest: nothing has scrolled it for a while. */
function ended(page: Page): Promise<number> {
  return page.locator('.scroller').evaluate(
    (view) =>
      new Promise<number>((rest) => {
        const settle = () => setTimeout(() => rest(view.scrollHeight - view.scrollTop - view.clientHeight), 300);
        let timer = settle();
        view.addEventListener('scroll', () => {
          clearTimeout(timer);
          timer = settle();
        });
      }),
  );
}

for (const [n, viewport] of [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
].entries()) {
  const width = viewport.width;
  // By day where there is a keyboard.
  if (!full && width < 720) {
    continue;
  }

  test(`signing in, reading and opening by keyboard, ${width} pixels`, async ({ tidings, browser, contextOptions }) => {
    const ann = tidings.person(50 + n);
    const app = await tidings.newApp(`键盘 ${width}`);
    const picture = await tidings.app();
    const page = await (await browser.newContext({ ...contextOptions, viewport, reducedMotion: 'reduce' })).newPage();
    const media_id = await picture.upload('image', 'small.png', await png(page, 90, 60));
    const { sign_in_url } = await tidings.admin<{ sign_in_url: string }>(
      ...['--org', tidings.first.corp_id, 'sign-in-link', ann.userid],
    );
    await page.goto(tidings.base);
    await expect(page.getByRole('heading', { name: '尚未登录' })).toBeVisible();
    await tabTo(page, 'input');
    await page.keyboard.type('https://example.com/');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await accessible(page);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(sign_in_url);
    await enter(page, 'button[type=submit]');
    await expect(page.locator('.account-button')).toContainText(ann.name);

    const side = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(`${trusted.base}/side`)}&pc_slide=true`;
    await app.text(ann, '长的一条。'.repeat(60));
    await app.send(ann, {
      msgtype: 'action_card',
      action_card: { title: '侧边', markdown: '在侧边打开', single_title: '填写', single_url: side },
    });
    await app.send(ann, { msgtype: 'image', image: { media_id } });
    await app.text(ann, '外链 https://news.example.com/a');
    await expect(page.locator('.row-card').last()).toContainText('外链');

    // Past the apps at once, and the keys that scroll work there.
    await tabTo(page, '.skip');
    await page.keyboard.press('Enter');
    await expect(page.locator('.scroller')).toBeFocused();
    await accessible(page);
    const below = () => page.locator('.scroller').evaluate((v) => v.scrollHeight - v.scrollTop - v.clientHeight);
    await expect.poll(below).toBeLessThan(1);
    await page.keyboard.press('PageUp');
    await expect.poll(below).toBeGreaterThan(1);
    await page.keyboard.press('End'); // while PageUp still scrolls
    await expect.poll(() => ended(page)).toBeLessThan(1);

    // What a card opens: a page beside it, a picture, a foreign host's name.
    await tabTo(page, `[data-message] a[data-slide="true"]`);
    await openAndEscape(page, 'Enter', '.side');
    await tabTo(page, 'img.td-picture');
    await openAndEscape(page, 'Enter', '.viewer');
    await openAndEscape(page, ' ', '.viewer');
    await tabTo(page, 'a[data-host="news.example.com"]');
    await openAndEscape(page, 'Enter', '.dialog');

    // Inside the panel, the frame holds nobody, and what it lies over is out of reach.
    await tabTo(page, `[data-message] a[data-slide="true"]`, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect(page.locator('.side').getByRole('button', { name: '关闭' })).toBeFocused();
    await tabTo(page, '.side iframe');
    await tabTo(page, width < 720 ? '.side a' : '.account-button');
    await page.keyboard.press('Escape');
    await expect(page.locator('.side')).toHaveCount(0);
    await page.context().close();
  });

  test(`filtering, marking, going far up and down by keyboard, ${width} pixels`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(52 + n);
    const [loud, quiet] = [await tidings.newApp(`告警 ${width}`), await tidings.newApp(`公告 ${width}`)];
    await loud.text(ann, '最早的 https://news.example.com/old');
    await texts(loud, ann, 70, '磁盘将满');
    await quiet.text(ann, '放假安排');
    const page = await signedIn(ann, { viewport });
    await lookAway(page);
    await expect(card(page, '放假安排')).toBeVisible();
    await page.keyboard.press('PageDown'); // with nothing focused the keys are the stream's
    await expect(page.locator('.scroller')).toBeFocused();

    // A filter keeps the focus on what was chosen, and its row shows it.
    const chip = (name: string) => page.getByRole('button', { name: new RegExp(`^${name} ${width}`) });
    await tabToNamed(page, `告警 ${width}`);
    await page.keyboard.press('Enter');
    await expect(card(page, '放假安排')).toHaveCount(0);
    await expect(chip('告警')).toBeFocused();
    await expect(chip('告警')).toHaveAttribute('aria-pressed', 'true');

    // Marked as read and taken back, then marked: the focus is where one goes on.
    const all = `[data-all="read"]`;
    const before = await badge(page);
    await tabTo(page, all);
    await page.keyboard.press('Enter');
    const undo = page.getByRole('button', { name: '撤销' });
    await expect(undo).toBeFocused();
    await page.keyboard.press('Enter');
    await expect.poll(() => badge(page)).toBe(before);
    await expect(page.locator(`${all}:focus`)).toHaveCount(1);
    await page.keyboard.press('Space');
    await expect(undo).toBeFocused();
    await accessible(page);
    await expect(undo).toHaveCount(0);
    await expect(page.locator('.scroller')).toBeFocused();
    await expect(chip('告警').locator('.badge')).toHaveCount(0);

    // Up to the first message ever, whose link holds the focus however far one goes.
    await texts(loud, ann, 30, '磁盘已满');
    await expect(card(page, '磁盘已满').last()).toBeInViewport();
    await enter(page, '.above');
    await expect(page.locator('.scroller')).toBeFocused();
    await expect(page.locator('.row-card:has([data-unread="true"])').first()).toBeInViewport();
    await expect(async () => {
      await page.keyboard.press('Home');
      await expect(page.getByText('没有更早的消息')).toBeInViewport({ timeout: 500 });
    }).toPass();
    await tabTo(page, 'a[data-host="news.example.com"]');
    await expect(async () => {
      await page.keyboard.press('PageDown');
      expect(await page.locator('.scroller').evaluate((v) => v.scrollTop)).toBeGreaterThan(3000);
    }).toPass();
    await expect(page.locator('a[data-host="news.example.com"]')).toBeFocused();
    await page.keyboard.press('End');
    await expect(page.locator('.below')).toHaveCount(0);
    await expect(page.locator('.row-card').last()).toBeInViewport();
    await page.keyboard.press('PageUp');
    await page.keyboard.press('PageUp');
    await enter(page, '.below');
    await expect(page.locator('.scroller')).toBeFocused();
    await expect(page.locator('.row-card').last()).toBeInViewport();
  });

  test(`the menu, devices and signing out by keyboard, ${width} pixels`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(54 + n);
    const page = await signedIn(ann, { viewport });
    await signedIn(ann); // on another device
    const account = page.locator('.account-button');
    await tabTo(page, '.account-button');
    await openAndEscape(page, 'Enter', '.menu');

    // Going on past its end closes it.
    await page.keyboard.press('Enter');
    await tabTo(page, '.menu button:last-child');
    await expect(async () => {
      await page.keyboard.press('Tab');
      await expect(page.locator('.menu')).toHaveCount(0, { timeout: 200 });
    }).toPass();

    // What a choice changes leaves the focus on it.
    await tabTo(page, '.account-button');
    await page.keyboard.press('Enter');
    for (const [name, key] of [
      ['English', 'Tab'],
      ['Dark', 'Tab'],
      ['中文', 'Shift+Tab'],
    ] as const) {
      await tabToNamed(page, name, key);
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name, exact: true })).toBeFocused();
    }
    await accessible(page);

    // Devices: asked and not done, then done.
    await tabToNamed(page, '登录设备');
    await page.keyboard.press('Enter');
    const others = page.locator('.devices:not(.tokens) li').filter({ hasNotText: '当前设备' });
    await expect(others).toHaveCount(1);
    await accessible(page);
    await tabToNamed(page, '下线');
    await page.keyboard.press('Enter');
    await tabToNamed(page, '取消');
    await page.keyboard.press('Enter');
    await expect(others.getByRole('button', { name: '下线' })).toBeFocused();
    await page.keyboard.press('Enter');
    const ask = page.getByRole('dialog', { name: /^将.*下线？$/ });
    await expect(ask).toBeVisible();
    await tabToNamed(page, '下线');
    await page.keyboard.press('Enter');
    await expect(others).toHaveCount(0);
    expect(await page.evaluate(() => !!document.activeElement?.closest('dialog'))).toBe(true);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(account).toBeFocused();

    // Signing out: asked and not done, then done; what comes is told.
    for (const answer of ['取消', '退出登录']) {
      await page.keyboard.press('Enter');
      await tabToNamed(page, '退出登录');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog')).toBeVisible();
      await tabToNamed(page, answer);
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      if (answer === '取消') {
        await expect(account).toBeFocused();
      }
    }
    await expect(page.getByRole('heading', { name: '已退出登录' })).toBeFocused();
    await tabTo(page, 'input');
    await accessible(page);
  });
}
