// Whatever a message says, in whatever field: it is shown, and that is all.

import { expect, figure, full, test } from './journey';
import { addresses, texts } from './payloads';
import type { App, Person } from './tidings';

/** Every type with a text in every text field and an address in every address field. */
function messages(text: string, address: string): object[] {
  const short = (n: number) => [...text].slice(0, n).join('') || 'x';
  const link = address || 'x';
  return [
    { msgtype: 'text', text: { content: `${text} ${address}` } },
    { msgtype: 'link', link: { messageUrl: link, picUrl: link, title: text, text } },
    {
      msgtype: 'markdown',
      markdown: {
        title: text,
        text: `${text}\n\n[${short(40)}](${address})\n\n![${short(40)}](${address})\n\n<${address}>`,
      },
    },
    {
      msgtype: 'oa',
      oa: {
        message_url: link,
        pc_message_url: link,
        head: { bgcolor: 'FF3E7BFA', text: short(10) },
        status_bar: { status_value: text, status_bg: '0xFF78C06E' },
        body: {
          title: text,
          form: [{ key: text, value: text }],
          rich: { num: text, unit: text },
          content: text,
          image: link,
          file_count: text,
          author: text,
        },
      },
    },
    {
      msgtype: 'action_card',
      action_card: {
        title: short(60),
        markdown: text,
        single_title: short(18),
        single_url: [...link].slice(0, 480).join(''),
      },
    },
    {
      msgtype: 'action_card',
      action_card: {
        title: short(60),
        markdown: text,
        btn_orientation: '0',
        btn_json_list: [{ title: short(18), action_url: [...link].slice(0, 480).join('') }],
      },
    },
  ];
}

/** Sends what the server takes; what it refuses is shown to nobody. */
async function send(app: App, ann: Person, list: object[]): Promise<number> {
  const sent = await Promise.allSettled(list.map((m) => app.send(ann, m)));
  return sent.filter((s) => s.status === 'fulfilled').length;
}

test('hostile payloads do nothing', async ({ tidings, signedIn }) => {
  test.setTimeout(600_000);
  const ann = tidings.person(22);
  await tidings.admin('org', 'update', tidings.first.corp_id, '--trusted-hosts', '');
  expect(texts.length + addresses.length).toBeGreaterThanOrEqual(300);
  const pairs = Array.from({ length: Math.max(texts.length, addresses.length) }, (_, n) => [
    texts[n % texts.length] as string,
    addresses[n % addresses.length] as string,
  ]);
  let shown = 0;
  for (let from = 0; from < pairs.length; from += 60) {
    const app = await tidings.newApp(`应用 ${from} <img src=x onerror=td()>`);
    const sent = pairs.slice(from, from + 60).map(([text, address], n) => {
      const all = messages(text as string, address as string);
      // By day each pair in two of the six, and each of the six with every third pair.
      return send(app, ann, full ? all : all.filter((_, type) => type % 3 === n % 3));
    });
    shown += (await Promise.all(sent)).reduce((a, b) => a + b);
  }
  expect(shown).toBeGreaterThan(full ? 1000 : 333);

  const page = await signedIn(ann);
  const strange: string[] = [];
  page.on('dialog', (d) => {
    strange.push(`dialog: ${d.message()}`);
    void d.dismiss();
  });
  page.on('request', (r) => {
    if (!r.url().startsWith(tidings.base)) {
      strange.push(`request: ${r.url()}`);
    }
  });
  page.on('popup', (p) => strange.push(`popup: ${p.url()}`));
  page.on('framenavigated', (f) => {
    if (f === page.mainFrame() && !f.url().startsWith(`${tidings.base}/`)) {
      strange.push(`navigation: ${f.url()}`);
    }
  });
  await page.exposeFunction('td', () => strange.push('executed'));
  await page.reload();
  await page.locator('.row-card').last().waitFor();

  // Through everything, from the newest up: see it, hover it, click it.
  const seen = await page.evaluate(async () => {
    const view = document.querySelector('.scroller') as HTMLElement;
    const done = new Set<string>();
    const frame = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const outside: string[] = [];
    for (let still = 0; still < 40; ) {
      let fresh = false;
      for (const row of document.querySelectorAll<HTMLElement>('.row-card')) {
        if (done.has(row.dataset.message as string)) {
          continue;
        }
        done.add(row.dataset.message as string);
        fresh = true;
        const box = row.getBoundingClientRect();
        for (const element of row.querySelectorAll<HTMLElement>('*')) {
          for (const { name, value } of element.attributes) {
            if (
              /^on/i.test(name) ||
              /^\s*(javascript|vbscript|data):/i.test(name === 'href' || name === 'src' ? value : '')
            ) {
              outside.push(`${element.tagName} ${name}=${value}`);
            }
          }
          if (getComputedStyle(element).position === 'fixed') {
            outside.push(`${element.tagName} is fixed`);
          }
          element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        }
        if (box.width > view.clientWidth + 1) {
          outside.push(`wider than the screen: ${box.width}`);
        }
        for (const link of row.querySelectorAll<HTMLElement>('a[data-host], button, summary')) {
          if (!link.classList.contains('td-ask') && !link.hasAttribute('download')) {
            link.click();
          }
        }
      }
      await frame();
      for (const close of document.querySelectorAll<HTMLElement>('dialog .icon-button')) {
        close.click();
      }
      still = fresh ? 0 : still + 1;
      view.scrollTop -= view.clientHeight * 0.8;
      await frame();
    }
    return { messages: done.size, outside };
  });
  expect(seen.outside).toEqual([]);
  expect(seen.messages).toBeGreaterThanOrEqual(shown);
  expect(strange).toEqual([]);
  figure('payloads, messages shown', `${texts.length + addresses.length}, ${shown}`);
});
