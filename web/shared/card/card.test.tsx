// @vitest-environment jsdom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { item } from '../../inbox/testing';
import { speak } from '../words';
import { Card } from './card';
import { clicked } from './clicks';
import { durationText, fileKind, sizeText } from './files';

let root: HTMLElement;
let phone = false;
beforeAll(() => speak('en'));
beforeEach(() => {
  phone = false;
  Element.prototype.scrollIntoView = () => {}; // jsdom has no layout to scroll
  vi.stubGlobal('matchMedia', () => ({ matches: phone }));
  root = document.body.appendChild(document.createElement('div'));
});
afterEach(() => {
  render(null, root);
  root.remove();
});

function show(change: Parameters<typeof item>[1], unread = true): HTMLElement {
  act(() => render(<Card item={item(1, change)} unread={unread} />, root));
  return root;
}

function click(target: Element | null, init: MouseEventInit & { type?: string } = {}) {
  const e = new MouseEvent(init.type ?? 'click', { bubbles: true, cancelable: true, ...init });
  Object.defineProperty(e, 'target', { value: target });
  return { result: clicked(e), prevented: e.defaultPrevented };
}

describe('a card', () => {
  it('says who, when and what, and whether it is unread', () => {
    const card = show({
      app: { agent_id: '1', name: 'Travel', icon: '' },
      title: 'Trip',
      html: '<article class="td-card"><p>Hello</p></article>',
    });
    expect(card.querySelector('.card')?.getAttribute('aria-label')).toBe('Unread. Travel: Trip');
    expect(card.querySelector('.card-app')?.textContent).toBe('Travel');
    expect(card.textContent).toContain('Hello');
    expect(show({}, false).querySelector('.card')?.getAttribute('data-unread')).toBe('false');
  });

  it('is one line once recalled, without any of its content', () => {
    const card = show({ recalled_at: 'now', html: '<p>secret</p>', title: 'secret' });
    expect(card.textContent).toContain('HR recalled a message');
    expect(card.innerHTML).not.toContain('secret');
  });

  it('takes the colour of an oa head for its own', () => {
    const card = show({
      html: '<header class="td-head" data-color="3E7BFA" data-ink="111111" data-ink-dark="222222"></header>',
    });
    expect(card.querySelector<HTMLElement>('.card-head')?.dataset.color).toBe('true');
    const look = card.querySelector<HTMLElement>('.card')?.style;
    expect(look?.getPropertyValue('--sent')).toBe('#3E7BFA');
    expect(look?.getPropertyValue('--ink-dark')).toBe('#222222');
  });

  it('does not put its content in anew when only its state changes', () => {
    const html = '<article class="td-card"><p>Hello</p></article>';
    const before = show({ html }).querySelector('p');
    expect(show({ html, read_at: 'now' }, false).querySelector('p')).toBe(before);
    expect(show({ html: html.replace('Hello', 'Changed') }).querySelector('p')?.textContent).toBe('Changed');
  });

  it('says in words what the server left to the reader’s language', () => {
    const card = show({
      html: '<details class="td-more"><summary class="td-more-toggle" data-count="6"></summary></details><p class="td-files"><span class="td-count">3</span></p><span class="td-picture td-missing" role="img"></span>',
    });
    expect(card.querySelector('.when-closed')?.textContent).toBe('Show 6 more');
    expect(card.querySelector('.td-files')?.textContent).toBe('Attachments: 3');
    expect(card.querySelector('.td-missing')?.getAttribute('aria-label')).toBe('This picture cannot be shown');
  });

  it('keeps numbers in one line, and their text as it was', () => {
    const text =
      '电话010-0000-0000，3/4，单号BX-2026-0417，见well-known与https://a.example.com/2026-03/1，2026-03-04 18:30';
    const card = show({ html: `<article class="td-card"><p>${text}</p><p><a href="/">1-2</a></p></article>` });
    expect(card.querySelector('p')?.textContent).toBe(text);
    expect([...card.querySelectorAll('.number')].map((n) => n.textContent)).toEqual([
      '010-0000-0000',
      '3/4',
      'BX-2026-0417',
      '2026-03-04',
    ]);
  });

  describe('that is tall', () => {
    const tall = (height: number) =>
      vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockImplementation(() => height);
    const html =
      '<article class="td-card td-action-card"><div class="td-prose">text</div><ul class="td-buttons"></ul></article>';
    const prose = () => root.querySelector('.td-prose');
    const toggle = () => root.querySelector<HTMLButtonElement>('.fold-toggle');

    it('is folded, and unfolded again where it comes back', () => {
      tall(401);
      show({ html });
      expect(prose()?.classList.contains('folded')).toBe(true);
      expect(prose()?.nextElementSibling).toBe(toggle()); // above the buttons
      expect([toggle()?.textContent, toggle()?.ariaExpanded]).toEqual(['Show all', 'false']);
      toggle()?.click();
      expect(prose()?.classList.contains('folded')).toBe(false);
      expect([toggle()?.textContent, toggle()?.ariaExpanded]).toEqual(['Show less', 'true']);
      render(null, root);
      show({ html });
      expect(prose()?.classList.contains('folded')).toBe(false);
      toggle()?.click();
      expect(prose()?.classList.contains('folded')).toBe(true);
    });

    it('unfolds where the browser finds something in its hidden part', () => {
      tall(401);
      show({ html });
      const body = prose() as HTMLElement;
      body.scrollTop = 50;
      body.dispatchEvent(new Event('scroll'));
      expect([body.classList.contains('folded'), body.scrollTop]).toEqual([false, 0]);
      toggle()?.click();
    });

    it('is not folded for a line or two', () => {
      tall(400);
      show({ html });
      expect(toggle()).toBeNull();
    });
  });

  it('offers a recording to be played if the browser can, else to be kept', () => {
    const html = '<div class="td-recording" data-src="/api/v1/media/x" data-media="@x"></div>';
    const can = vi
      .spyOn(HTMLMediaElement.prototype, 'canPlayType')
      .mockImplementation((type) => (type === 'audio/amr' ? '' : 'maybe'));
    const wav = show({
      html,
      body: { voice: { media_id: '@x', duration: 7, content_type: 'audio/wav', name: 'a.wav' } },
    });
    expect(wav.querySelector('button.voice-play')?.getAttribute('aria-label')).toBe('Play');
    expect(wav.querySelector('.voice-time')?.textContent).toBe('0:07');
    render(null, root);
    const amr = show({
      html,
      body: { voice: { media_id: '@x', duration: 7, content_type: 'audio/amr', name: 'a.amr' } },
    });
    expect(amr.querySelector('button')).toBeNull();
    expect(amr.querySelector('a')?.getAttribute('download')).toBe('a.amr');
    can.mockRestore();
  });

  it('names a file, its size and its way out, or that it is gone', () => {
    const body = { file: { media_id: '@x', name: '<b>.pdf', size: 1536 } };
    const card = show({ html: '<div class="td-attachment" data-src="/api/v1/media/x"></div>', body });
    expect(card.querySelector('.file-name')?.textContent).toBe('<b>.pdf');
    expect(card.querySelector('.file-size')?.textContent).toBe('1.5 KB');
    expect(card.querySelector('a')?.getAttribute('href')).toBe('/api/v1/media/x');
    const gone = show({ html: '<div class="td-attachment td-missing"></div>', body: { file: { media_id: '@x' } } });
    expect(gone.querySelector('a')).toBeNull();
    expect(gone.textContent).toContain('no longer available');
  });

  it('takes the mobile address of a link on a phone', () => {
    const html =
      '<a class="td-anchor" href="https://a.example.com/wide" data-mobile="https://a.example.com/small">x</a>';
    expect(show({ html }).querySelector('a')?.href).toBe('https://a.example.com/wide');
    phone = true;
    expect(show({ html: `${html} ` }).querySelector('a')?.href).toBe('https://a.example.com/small');
  });

  it('puts a sign in the place of a picture that does not load', () => {
    const card = show({ html: '<figure class="td-figure"><img class="td-picture" src="/x" alt=""></figure>' });
    card.querySelector('img')?.dispatchEvent(new Event('error'));
    expect(card.querySelector('img')).toBeNull();
    expect(card.querySelector('.td-missing')).not.toBeNull();
  });

  it('tries a picture again that was not there for want of a network', () => {
    const card = show({ html: '<figure class="td-figure"><img class="td-picture" src="/y" alt=""></figure>' });
    const network = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    card.querySelector('img')?.dispatchEvent(new Event('error'));
    expect(card.querySelector('img')).toBeNull();
    network.mockReturnValue(true);
    dispatchEvent(new Event('online'));
    expect(card.querySelector('.td-missing')).toBeNull();
    expect(card.querySelector('img')?.src).toContain('/y');
    card.querySelector('img')?.dispatchEvent(new Event('error')); // the server has lost it, too
    dispatchEvent(new Event('online'));
    expect(card.querySelector('img')).toBeNull();
  });
});

describe('a click', () => {
  const links = `
    <a id="trusted" href="https://a.example.com/x" data-host="a.example.com" data-trusted="true"><b>in it</b></a>
    <a id="slide" href="https://a.example.com/x" data-host="a.example.com" data-trusted="true" data-slide="true"></a>
    <a id="foreign" href="https://b.example.com/y?z" data-host="b.example.com"></a>
    <a id="unreadable" href="https://xn--a/x" data-host="xn--a" data-trusted="true"></a>
    <a id="disguised" href="https://c.example.com/" data-host="b.example.com" data-slide="true"></a>
    <button id="ask" class="td-ask" data-src="https://b.example.com/p.png" data-host="b.example.com"></button>
    <article class="td-card"><figure class="td-figure"><img class="td-picture" id="picture" src="/p.png" alt="A boat"></figure></article>
    <p id="text">text</p>`;
  const on = (id: string, init?: MouseEventInit & { type?: string }) => click(root.querySelector(`#${id}`), init);
  beforeEach(() => {
    root.innerHTML = links;
  });

  it('on a trusted link is the browser’s', () => {
    expect(on('trusted')).toEqual({ result: { to: 'read' }, prevented: false });
    expect(click(root.querySelector('b'))).toEqual({ result: { to: 'read' }, prevented: false });
  });

  it('on a foreign link names the host instead, with whatever button', () => {
    const leave = {
      result: { to: 'leave', host: 'b.example.com', address: 'https://b.example.com/y?z' },
      prevented: true,
    };
    expect(on('foreign')).toEqual(leave);
    expect(on('foreign', { ctrlKey: true })).toEqual(leave);
    expect(on('foreign', { type: 'auxclick', button: 1 })).toEqual(leave);
  });

  it('names the host that it leads to', () => {
    expect(on('disguised').result).toMatchObject({ to: 'leave', host: 'c.example.com' });
    expect(on('unreadable')).toMatchObject({ result: { to: 'leave', host: 'xn--a' }, prevented: true });
  });

  it('opens a side panel where the sender wants one and nobody asked for a tab', () => {
    expect(on('slide')).toEqual({
      result: { to: 'side', host: 'a.example.com', address: 'https://a.example.com/x', page: false },
      prevented: true,
    });
    expect(on('slide', { ctrlKey: true })).toEqual({ result: { to: 'read' }, prevented: false });
  });

  it('opens the app’s own page so that it keeps hold of the inbox, and no other', () => {
    const at = (id: string, origin: string, init: MouseEventInit = {}) => {
      const e = new MouseEvent('click', { bubbles: true, cancelable: true, ...init });
      Object.defineProperty(e, 'target', { value: root.querySelector(`#${id}`) });
      return { ...clicked(e, origin), prevented: e.defaultPrevented };
    };
    const page = { to: 'page', host: 'a.example.com', address: 'https://a.example.com/x', prevented: true };
    expect(at('trusted', 'https://a.example.com')).toEqual(page);
    expect(at('trusted', 'https://a.example.com', { ctrlKey: true })).toEqual({ to: 'read', prevented: false });
    expect(at('slide', 'https://a.example.com')).toMatchObject({ to: 'side', page: true });
    for (const origin of ['', 'null', 'http://a.example.com', 'https://a.example.com:8443', 'https://example.com']) {
      expect(at('trusted', origin)).toEqual({ to: 'read', prevented: false });
    }
    expect(at('foreign', 'https://b.example.com')).toMatchObject({ to: 'leave' }); // nobody trusts it
  });

  it('loads a foreign picture in a frame that can do nothing', () => {
    expect(on('ask').result).toEqual({ to: 'read' });
    const frame = root.querySelector('iframe');
    expect(frame?.getAttribute('sandbox')).toBe('allow-scripts');
    expect(frame?.getAttribute('src')).toBe('/assets/picture.html#https%3A%2F%2Fb.example.com%2Fp.png');
    expect(root.querySelector('#ask')).toBeNull();
  });

  it('on a picture shows it large, on text nothing', () => {
    expect(on('picture').result).toEqual({ to: 'picture', source: `${location.origin}/p.png`, text: 'A boat' });
    expect(on('text').result).toEqual({ to: 'nothing' });
  });

  it('with the right button is the browser’s', () => {
    expect(on('foreign', { type: 'auxclick', button: 2 })).toEqual({ result: { to: 'nothing' }, prevented: false });
  });
});

describe('a click on what opens as a whole', () => {
  // Every kind of card and row that does, and what opens it.
  const wholes = {
    oa: '<article class="td-card td-oa"><h3 class="td-title"><a class="td-opener" href="https://a.example.com/" data-host="a.example.com" data-trusted="true">Title</a></h3><p id="text">text</p><img id="picture" class="td-picture" src="/p.png" alt=""></article>',
    link: '<article class="td-card td-link"><h3 class="td-title"><a class="td-opener" href="https://a.example.com/" data-host="a.example.com" data-trusted="true">Title</a></h3><p id="text">text</p></article>',
    file: '<article class="td-card"><div class="td-attachment"><span id="text">a.pdf</span><a class="download" href="/a.pdf"></a></div></article>',
    recording:
      '<article class="td-card"><div class="td-recording"><button class="voice-play"></button><span id="text">0:07</span></div></article>',
  };
  const opener = '.td-opener, .download, .voice-play';
  const opened = vi.fn((e: Event) => e.preventDefault());
  beforeEach(() => {
    opened.mockClear();
    getSelection()?.removeAllRanges();
  });
  function put(kind: keyof typeof wholes): Element | null {
    root.innerHTML = wholes[kind];
    root.querySelector(opener)?.addEventListener('click', opened);
    return root.querySelector('#text');
  }

  it.each(Object.keys(wholes) as (keyof typeof wholes)[])('passes it on: %s', (kind) => {
    expect(click(put(kind)).result).toEqual({ to: 'read' });
    expect(opened).toHaveBeenCalledTimes(1);
  });

  it.each(Object.keys(wholes) as (keyof typeof wholes)[])('leaves a selection alone: %s', (kind) => {
    const text = put(kind);
    getSelection()?.selectAllChildren(text as Element);
    expect(click(text).result).toEqual({ to: 'nothing' });
    expect(opened).not.toHaveBeenCalled();
  });

  it('opens in the background with the middle button or a key', () => {
    click(put('oa'), { type: 'auxclick', button: 1 });
    click(root.querySelector('#text'), { ctrlKey: true });
    expect(opened.mock.calls.map(([e]) => (e as MouseEvent).ctrlKey)).toEqual([true, true]);
  });

  it('names a foreign host instead', () => {
    const text = put('link');
    root.querySelector('a')?.removeAttribute('data-trusted');
    expect(click(text).result).toMatchObject({ to: 'leave', host: 'a.example.com' });
    expect(opened).not.toHaveBeenCalled();
  });

  it('enlarges the picture of an oa card', () => {
    put('oa');
    expect(click(root.querySelector('#picture')).result).toMatchObject({ to: 'picture' });
    expect(opened).not.toHaveBeenCalled();
  });
});

it('sizes, lengths and kinds are said as people say them', () => {
  expect([0, 999, 1024, 1536, 20 * 1024 ** 2, 250 * 1024 ** 2].map(sizeText)).toEqual([
    '0 B',
    '999 B',
    '1.0 KB',
    '1.5 KB',
    '20.0 MB',
    '250 MB',
  ]);
  expect([0, 7, 59.6, 61].map(durationText)).toEqual(['0:00', '0:07', '1:00', '1:01']);
  expect(fileKind('a.b.PDF')).toEqual({ letters: 'PDF', kind: 'pdf' });
  expect(fileKind('README')).toEqual({ letters: '—', kind: 'other' });
});
