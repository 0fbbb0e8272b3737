// Pictures of every screen, for people to look at: screenshots/ in the
// repository's root, which is not committed.

import type { Page } from '@playwright/test';
import { Elsewhere } from './elsewhere';
import { card, close, expect, full, lookAway, png, test, texts } from './journey';
import type { App, Person } from './tidings';

test.describe.configure({ mode: 'parallel' });

const folder = '../screenshots';
const sizes = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
];

for (const { name, viewport } of sizes) {
  for (const locale of ['zh-CN', 'en']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      if (!full && `${name} ${locale} ${colorScheme}` !== 'phone en light') {
        continue;
      }
      test(`${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
        const words = locale === 'en' ? en : zh;
        const organization = locale === 'en' ? tidings.second : tidings.first;
        const reader = organization.users.find((u) => ['linxiaoyu', 'dkowalski'].includes(u.userid));
        const app = await tidings.app(organization);
        await app.text(reader as never, `${words.news} https://news.example.com/daily?edition=7`);
        const page = await signedIn(reader as never, {
          viewport,
          locale,
          colorScheme,
          deviceScaleFactor: name === 'phone' ? 2 : 1,
        });
        await expect(page.locator('.row-card').last()).toBeVisible();
        const take = (what: string) => shot(page, `${what}-${name}-${locale.slice(0, 2)}-${colorScheme}`);
        await take('inbox');
        await page.locator('.account-button').click();
        await take('menu');
        await page.getByRole('button', { name: words.devices }).click();
        await expect(page.locator('.devices li').first()).toBeVisible();
        await take('devices');
        await close(page);
        await page.locator('.account-button').click();
        await page.getByRole('button', { name: words.signOut }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await take('sign-out');
        await close(page);
        await page.goto(organization.users.find((u) => u !== reader)?.sign_in_url as string);
        await page.getByRole('button', { name: words.stay }).waitFor();
        await take('switching');
        await page.goto(`${tidings.base}/#sign-in=tdl_1_used`);
        await page.locator('.used-link').waitFor();
        await take('used-link');
        await card(page, words.news).locator('a').click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await take('leaving');
        await page.context().clearCookies();
        await page.goto(`${tidings.base}/`);
        await expect(page.getByRole('heading', { name: words.out })).toBeVisible();
        await take('out');
        await page.goto(`${tidings.base}/nothing-here`);
        await take('unknown');
      });

      test(`a busy day, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
        const words = locale === 'en' ? enBusy : zhBusy;
        const organization = locale === 'en' ? tidings.second : tidings.first;
        const other = locale === 'en' ? tidings.first : tidings.second;
        // Of their own: the apps have the same names each time.
        const reader = organization.users.at((colorScheme === 'dark' ? -1 : -2) - (name === 'phone' ? 2 : 0)) as Person;
        const beside = await Elsewhere.start('127.0.0.2');
        await tidings.admin('org', 'update', organization.corp_id, '--trusted-hosts', beside.base);
        const look = { viewport, locale, colorScheme, deviceScaleFactor: name === 'phone' ? 2 : 1 };
        const page = await signedIn(reader, look);
        const take = (what: string) => shot(page, `${what}-${name}-${locale.slice(0, 2)}-${colorScheme}`);
        const apps = [];
        for (const app of words.apps) {
          apps.push(await tidings.newApp(app, organization));
        }
        const [loud, ...quiet] = apps as [App, ...App[]];
        await texts(loud, reader, 12, words.old);
        await expect(card(page, words.old).last()).toBeInViewport();
        await page.goto('about:blank');
        await texts(loud, reader, 6, words.first);
        for (const [n, app] of quiet.entries()) {
          await texts(app, reader, n + 1, words.notice);
        }
        await page.goto(`${tidings.base}/`);
        await lookAway(page);
        await expect(page.locator('.new-line')).toBeInViewport();
        await take('busy-line');
        await texts(loud, reader, 105, words.alarm);
        await page.locator('.below').click();
        await expect(page.locator('.below')).toHaveCount(0);
        await page.locator('.scroller').hover();
        await page.mouse.wheel(0, -900);
        await expect(page.locator('.below')).toBeVisible();
        await expect(page.locator('.above')).toBeVisible();
        await take('busy-middle');
        await page
          .locator('.choice')
          .filter({ hasText: words.apps[1] as string })
          .click();
        await expect(card(page, words.notice).last()).toBeInViewport();
        await take('busy-filter');
        await page.locator('[data-all="read"]').filter({ visible: true }).click();
        await expect(page.locator('.toast')).toBeVisible();
        await take('busy-read');

        const media_id = await loud.upload('image', 'site.png', await png(page, 1200, 800));
        await loud.send(reader, { msgtype: 'image', image: { media_id } });
        const url = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(`${beside.base}/page`)}&pc_slide=true`;
        await loud.send(reader, {
          msgtype: 'action_card',
          action_card: { title: words.ask, markdown: words.ask, single_title: words.fill, single_url: url },
        });
        await page.locator('.choice').first().click();
        await page.getByRole('link', { name: words.fill }).last().click();
        await expect(page.locator('.side iframe').contentFrame().locator('h1')).toHaveText('elsewhere');
        await take('side');
        await close(page);
        await page.locator('img.td-picture').last().click();
        await expect(page.getByRole('dialog').locator('img')).toHaveJSProperty('naturalWidth', 1200);
        await take('viewer');
        await close(page);
        await page.goto(other.users[0]?.sign_in_url as string);
        await expect(page.locator('.account-organization')).toHaveText(other.name);
        await expect(page.locator('.elsewhere')).toBeVisible();
        await page.locator('.account-button').click();
        await expect(page.locator('.menu .badge')).toBeVisible();
        await take('organizations');
        await page.locator('.menu-item').filter({ hasText: organization.name }).click();
        await expect(page.locator('img.td-picture').last()).toHaveJSProperty('naturalWidth', 1200);
        await page.context().setOffline(true);
        await expect(page.locator('.live')).toHaveAttribute('data-shown', 'true');
        await take('offline');
        await beside.stop();
      });
    }
  }
}

const zh = { news: '今日行业要闻：', devices: '登录设备', out: '尚未登录', signOut: '退出登录', stay: /^继续使用/ };
const en = {
  news: 'Today in our trade:',
  devices: 'Signed-in devices',
  out: 'You are not signed in',
  signOut: 'Sign out',
  stay: /^Continue as/,
};

const zhBusy = {
  apps: ['机房与网络运行监控告警', '审批', '人力资源共享服务中心（华东区）', '食堂', '财务'],
  old: '昨晚的例行巡检已经完成，没有发现异常。',
  first: '值班提醒：今晚 22:00 至次日 06:00 由你值班，请保持电话畅通。',
  alarm: '生产环境 db-07 磁盘使用率超过 90%，请在 30 分钟内处理；超时未处理将自动升级给值班经理。',
  notice: '王晓明提交的“差旅报销”等待你审批，金额 ¥12,860.00。',
  ask: '请填写本周的值班安排',
  fill: '填写排班表',
};
const enBusy: typeof zhBusy = {
  apps: [
    'Data Centre and Network Monitoring',
    'Approvals',
    'Human Resources Shared Service Centre',
    'Canteen',
    'Finance',
  ],
  old: 'Last night’s routine inspection is complete. Nothing unusual was found.',
  first: 'You are on call tonight from 22:00 to 06:00. Please keep your phone at hand.',
  alarm: 'Disk usage on production host db-07 is above 90%. Act within 30 minutes, or the manager on duty is called.',
  notice: 'Wen Carter’s travel expense claim of £1,286.00 waits for your approval.',
  ask: 'Please fill in this week’s on-call rota',
  fill: 'Open the rota',
};

// The cursor is out of the way, and what moves has come to rest, or is gone.
async function shot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((a) => a.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((a) => a.finished),
    ),
  );
  await page.screenshot({ path: `${folder}/${name}.png` });
}
