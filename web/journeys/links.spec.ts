// Where a card leads: trusted hosts open, others are named first; pictures of
// hosts that nobody vouches for wait for a click.

import { Elsewhere } from './elsewhere';
import { card, expect, lookAway, test, texts } from './journey';

let trusted: Elsewhere;
let foreign: Elsewhere;

test.beforeAll(async ({ tidings }) => {
  trusted = await Elsewhere.start('127.0.0.2');
  foreign = await Elsewhere.start('127.0.0.3');
  await tidings.admin('org', 'update', tidings.first.corp_id, '--trusted-hosts', trusted.base);
});

test.afterAll(async () => {
  await trusted.stop();
  await foreign.stop();
});

test('a foreign host is named before one goes there', async ({ tidings, signedIn }) => {
  const ann = tidings.person(18);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await app.text(ann, `请看 ${foreign.base}/page?from=card`);
  const link = card(page, '请看').locator('a');

  await link.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator('.leaving-host')).toHaveText(foreign.host);
  await expect(dialog.locator('.leaving-address')).toHaveText(`${foreign.base}/page?from=card`);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await link.click({ button: 'middle' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: '取消' }).click();
  await link.click({ modifiers: ['Control'] });
  await expect(dialog).toBeVisible();
  expect(foreign.asked).toEqual([]);
  expect(page.context().pages().length).toBe(1);

  const opened = page.context().waitForEvent('page');
  await dialog.getByRole('link', { name: '打开' }).click();
  await expect((await opened).locator('h1')).toHaveText('elsewhere');
  expect(foreign.asked[0]).toMatchObject({ path: '/page?from=card', referer: undefined });
  expect(await (await opened).evaluate(() => window.opener)).toBeNull();
});

test('a trusted host opens at once, beside the stream if the sender wants it so', async ({ tidings, signedIn }) => {
  const ann = tidings.person(19);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await app.text(ann, `可信 ${trusted.base}/page`);
  const opened = page.context().waitForEvent('page');
  await card(page, '可信').locator('a').click();
  await expect((await opened).locator('h1')).toHaveText('elsewhere');
  await (await opened).close();

  await app.send(ann, {
    msgtype: 'action_card',
    action_card: {
      title: '侧边',
      markdown: '在侧边打开',
      single_title: '填写',
      single_url: `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(`${trusted.base}/side`)}&pc_slide=true`,
    },
  });
  await card(page, '在侧边打开').getByRole('link', { name: '填写' }).click();
  const side = page.locator('.side');
  await expect(side.locator('iframe').contentFrame().locator('h1')).toHaveText('elsewhere');
  await expect(side.locator('.side-host')).toHaveText(trusted.host);
  await side.getByRole('button', { name: '关闭' }).click();
  await expect(side).toHaveCount(0);
  const opener = card(page, '在侧边打开').getByRole('link', { name: '填写' });
  await opener.click();
  await expect(side.getByRole('button', { name: '关闭' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(side).toHaveCount(0);
  await expect(opener).toBeFocused();
  await opener.click();
  await expect(side).toBeVisible();
  await page.goBack();
  await expect(side).toHaveCount(0);
  await expect(opener).toBeVisible();
});

test('a link that is pressed while the stream scrolls opens', async ({ tidings, signedIn }) => {
  const ann = tidings.person(18);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await texts(app, ann, 12, '上面的消息，好让消息流能滚动');
  await app.text(ann, `按住 ${foreign.base}/pressed`);
  const link = card(page, '按住').locator('a');
  await link.hover();
  await page.mouse.down();
  await page.locator('.scroller').evaluate(async (view) => {
    const before = view.scrollTop;
    view.scrollTop -= 2;
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    if (view.scrollTop === before) {
      throw new Error('nothing has scrolled');
    }
  });
  await page.mouse.up();
  await expect(page.getByRole('dialog').locator('.leaving-host')).toHaveText(foreign.host);
});

test('a foreign picture is asked for after a click only, and learns nothing', async ({ tidings, signedIn }) => {
  const ann = tidings.person(20);
  const app = await tidings.app();
  const page = await signedIn(ann);
  foreign.asked = [];
  trusted.asked = [];
  // The page says to send no referrer; a picture says so for itself too.
  await page.locator('meta[name="referrer"]').evaluate((meta) => meta.setAttribute('content', 'unsafe-url'));
  await app.send(ann, {
    msgtype: 'markdown',
    markdown: {
      title: '图片',
      text: `两张图片\n\n![外](${foreign.base}/picture.png)\n\n![内](${trusted.base}/picture.png)`,
    },
  });
  const shown = card(page, '两张图片');
  await expect(shown.locator('img')).toHaveJSProperty('naturalWidth', 12);
  expect(foreign.asked).toEqual([]);
  expect(trusted.asked).toMatchObject([{ path: '/picture.png', referer: undefined, cookie: undefined }]);

  await shown.getByRole('button', { name: `加载 ${foreign.host} 的图片` }).click();
  const frame = shown.locator('iframe');
  await expect(frame.contentFrame().locator('img')).toHaveJSProperty('naturalWidth', 12);
  expect(foreign.asked).toMatchObject([{ path: '/picture.png', referer: undefined, cookie: undefined }]);
  await expect(frame).toHaveAttribute('style', /aspect-ratio: 12 \/ 8/);
});

test('a foreign picture is shown in its frame only', async ({ tidings, signedIn }) => {
  const page = await signedIn(tidings.person(20));
  foreign.asked = [];
  const address = `${tidings.base}/assets/picture.html#${encodeURIComponent(`${foreign.base}/picture.png`)}`;
  const answer = await page.goto(address);
  expect(answer?.status()).toBe(404);
  // A browser that does not say what it loads a page for gets the page, and no picture.
  const html = await (await fetch(address)).text();
  await page.route('**/assets/picture.html', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto('about:blank');
  expect((await page.goto(address))?.status()).toBe(200);
  await expect(page.locator('img')).toHaveCount(0);
  expect(foreign.asked).toEqual([]);
});

test('a picture opens large, a file is kept, a voice is played or kept', async ({ tidings, signedIn }) => {
  const ann = tidings.person(21);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await lookAway(page); // what is read is read by being opened
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAwAAAAICAIAAABChommAAAAEUlEQVR42mNQ6rhLEDGMKgIAhHSSoRsSlGgAAAAASUVORK5CYII=',
    'base64',
  );
  const amr = Buffer.concat([
    Buffer.from('#!AMR\n'),
    ...Array(50).fill(Buffer.concat([Buffer.from([0x3c]), Buffer.alloc(31)])),
  ]);
  const image = await app.upload('image', 'canteen.png', png);
  const voice = await app.upload('voice', 'greeting.amr', amr);
  const wave = await app.upload('voice', 'greeting.wav', wav());
  const task = await app.send(ann, { msgtype: 'image', image: { media_id: image } });
  await app.send(ann, { msgtype: 'voice', voice: { media_id: voice, duration: '1' } });
  await app.send(ann, { msgtype: 'voice', voice: { media_id: wave, duration: '1' } });

  const picture = page.locator('.card[data-type=image] img');
  await expect(picture).toHaveJSProperty('naturalWidth', 12);
  await expect(picture).toHaveAttribute('width', '12');
  await picture.click();
  await expect(page.getByRole('dialog').locator('img')).toHaveJSProperty('naturalWidth', 12);
  await page.keyboard.press('Escape');
  await expect.poll(async () => (await app.result(task)).read_user_id_list).toEqual([ann.userid]);

  const [kept, played] = [
    page.locator('.card[data-type=voice]').first(),
    page.locator('.card[data-type=voice]').last(),
  ];
  await expect(kept.locator('.voice-play')).toHaveCount(0);
  const download = page.waitForEvent('download');
  await kept.getByRole('link', { name: '下载' }).click();
  expect((await download).suggestedFilename()).toBe('greeting.amr');
  await played.getByRole('button', { name: '播放' }).click();
  await expect
    .poll(() => played.locator('progress').evaluate((p) => (p as HTMLProgressElement).value))
    .toBeGreaterThan(0);
});

/** A second of silence. */
function wav(): Buffer {
  const rate = 8000;
  const b = Buffer.alloc(44 + rate, 0x80);
  b.write('RIFF', 0);
  b.writeUInt32LE(36 + rate, 4);
  b.write('WAVEfmt ', 8);
  b.writeUInt32LE(16, 16);
  b.writeUInt16LE(1, 20);
  b.writeUInt16LE(1, 22);
  b.writeUInt32LE(rate, 24);
  b.writeUInt32LE(rate, 28);
  b.writeUInt16LE(1, 32);
  b.writeUInt16LE(8, 34);
  b.write('data', 36);
  b.writeUInt32LE(rate, 40);
  return b;
}
