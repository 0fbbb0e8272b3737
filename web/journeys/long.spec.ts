// Hundreds of cards, five thousand at night: what is in the document and in memory stays bounded.
// How long a frame takes is measured and said, not asserted.

import { expect, figure, full, test } from './journey';

const perApp = 490; // below what one app may send to one person a day
const count = full ? 5000 : perApp;

test(`${count} cards`, async ({ tidings, signedIn }) => {
  test.setTimeout(600_000);
  const ann = tidings.person(1);
  for (let sent = 0; sent < count; sent += perApp) {
    const app = await tidings.newApp(`长列表 ${sent}`);
    const numbers = Array.from({ length: Math.min(perApp, count - sent) }, (_, n) => sent + n);
    const workers = Array.from({ length: 24 }, async () => {
      for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
        await app.send(ann, message(n));
      }
    });
    await Promise.all(workers);
  }
  const page = await signedIn(ann);
  await page.locator('.row-card').last().waitFor();
  await page.evaluate(() => {
    const w = window as unknown as { long: number[] };
    w.long = [];
    new PerformanceObserver((list) => w.long.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({
      entryTypes: ['longtask'],
    });
  });
  const walk = () =>
    page.evaluate(async () => {
      const view = document.querySelector('.scroller') as HTMLElement;
      const seen = new Set<string>();
      let mostCards = 0;
      let mostHeap = 0;
      for (let still = 0; still < 60; ) {
        const before = seen.size;
        for (const row of document.querySelectorAll<HTMLElement>('.row-card')) {
          seen.add(row.dataset.message as string);
        }
        still = seen.size > before ? 0 : still + 1;
        mostCards = Math.max(mostCards, document.querySelectorAll('.card').length);
        mostHeap = Math.max(
          mostHeap,
          (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize,
        );
        view.scrollTop -= 400;
        await new Promise((next) => requestAnimationFrame(next));
      }
      return { seen: seen.size, mostCards, mostHeap };
    });
  const { seen, mostCards, mostHeap } = await walk();
  const long = await page.evaluate(() => (window as unknown as { long: number[] }).long);
  const over = long.filter((ms) => ms > 100);
  figure('cards seen, most of them in the document at once', `${seen}, ${mostCards}`);
  figure('heap at most', `${(mostHeap / 2 ** 20).toFixed(0)} MiB`);
  figure('long tasks, over 100 ms, longest', `${long.length}, ${over.length}, ${Math.max(0, ...long)} ms`);
  expect(seen).toBeGreaterThanOrEqual(count);
  expect(mostCards).toBeLessThan(60);
  expect(mostHeap).toBeLessThan(150 * 2 ** 20);
});

function message(n: number): object {
  const filler = '请在本周五前完成盘点，并核对设备编号与存放地点。'.repeat(n % 7);
  switch (n % 4) {
    case 0:
      return { msgtype: 'text', text: { content: `第 ${n} 条 ${filler}` } };
    case 1:
      return {
        msgtype: 'markdown',
        markdown: { title: `第 ${n} 条`, text: `### 第 ${n} 条\n\n- 一\n- 二\n\n> ${filler}` },
      };
    case 2:
      return {
        msgtype: 'oa',
        oa: {
          message_url: 'https://oa.example.com/1',
          head: { bgcolor: 'FF3E7BFA', text: 'x' },
          body: {
            title: `第 ${n} 条`,
            form: [...Array(n % 9).keys()].map((k) => ({ key: `项 ${k}：`, value: filler || '—' })),
          },
        },
      };
    default:
      return {
        msgtype: 'action_card',
        action_card: {
          title: `第 ${n} 条`,
          markdown: `第 ${n} 条\n\n${filler}`,
          single_title: '查看',
          single_url: 'https://oa.example.com/2',
        },
      };
  }
}
