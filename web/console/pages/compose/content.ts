// What somebody writes to send: one set of fields for all types, so that another
// type keeps what the two have in common.

import type { Media, Uploaded } from '../../form/uploading';

/** A type of message as people choose it: a card leads to one address, or has buttons. */
export type Kind = 'text' | 'markdown' | 'link' | 'whole' | 'buttons' | 'oa' | 'image' | 'file' | 'voice';

export interface Content {
  kind: Kind;
  title: string;
  text: string;
  /** Where it leads, as a whole. */
  url: string;
  pc_url: string;
  /** A media id or an address. */
  picture: string;
  /** What the one jump of a card is called. */
  jump: string;
  buttons: readonly { title: string; url: string }[];
  side_by_side: boolean;
  rows: readonly { key: string; value: string }[];
  /** RRGGBB. */
  color: string;
  number: string;
  unit: string;
  author: string;
  status: string;
  media: Partial<Record<Uploaded, Media>>;
  /** Seconds of a voice. */
  duration: string;
}

/** What becomes of some fields, or how that follows from what is written by then. */
export type ContentChange = Partial<Content> | ((now: Content) => Partial<Content>);

export const emptyContent: Content = {
  kind: 'text',
  title: '',
  text: '',
  url: '',
  pc_url: '',
  picture: '',
  jump: '',
  buttons: [
    { title: '', url: '' },
    { title: '', url: '' },
  ],
  side_by_side: false,
  rows: [{ key: '', value: '' }],
  color: '0958D9',
  number: '',
  unit: '',
  author: '',
  status: '',
  media: {},
  duration: '',
};

export function isUploaded(kind: Kind): kind is Uploaded {
  return kind === 'image' || kind === 'file' || kind === 'voice';
}

/** A Markdown text with a picture in it, in a paragraph of its own. */
export function withPicture(text: string, at: number, mediaID: string): string {
  const [before, after] = [text.slice(0, at).trimEnd(), text.slice(at).trimStart()];
  return [before, `![](${mediaID})`, after].filter((part) => part !== '').join('\n\n');
}

/** The most characters of a field. */
export function limitOf(kind: Kind, field: string): number {
  const name = field.replace(/\[\d+\]/, '');
  const card = kind === 'whole' || kind === 'buttons';
  switch (name) {
    case 'text':
    case 'rows.value':
      return 5000;
    case 'title':
      return card ? 64 : 2000;
    case 'url':
      return kind === 'whole' ? 500 : 4000;
    case 'pc_url':
    case 'picture':
      return 4000;
    case 'jump':
    case 'buttons.title':
      return 20;
    case 'buttons.url':
      return 700;
    case 'status':
      return 100;
    default:
      return 2000;
  }
}

/** The fields without which nothing can be sent, and which are empty. */
export function missing(c: Content): string[] {
  const empty = (...fields: ('title' | 'text' | 'url' | 'picture' | 'jump' | 'duration')[]) =>
    fields.filter((f) => c[f].trim() === '');
  switch (c.kind) {
    case 'text':
      return empty('text');
    case 'markdown':
      return empty('title', 'text');
    case 'link':
      return empty('title', 'text', 'url', 'picture');
    case 'whole':
      return empty('text', 'jump', 'url');
    case 'buttons':
      return [
        ...empty('text'),
        ...c.buttons.flatMap((b, n) => [
          ...(b.title.trim() === '' ? [`buttons[${n}].title`] : []),
          ...(b.url.trim() === '' ? [`buttons[${n}].url`] : []),
        ]),
      ];
    case 'oa':
      return c.title.trim() || c.text.trim() || filled(c.rows).length > 0 ? [] : ['title'];
    default:
      return [...(c.media[c.kind] ? [] : ['media']), ...(c.kind === 'voice' ? empty('duration') : [])];
  }
}

export type Message = Record<string, unknown> & { msgtype: string };

/** The message as the wire has it. An oa message's head says the app's name. */
export function messageOf(c: Content, app: string): Message {
  switch (c.kind) {
    case 'text':
      return { msgtype: 'text', text: { content: c.text } };
    case 'markdown':
      return { msgtype: 'markdown', markdown: { title: c.title, text: c.text } };
    case 'link':
      return { msgtype: 'link', link: { title: c.title, text: c.text, messageUrl: c.url, picUrl: c.picture } };
    case 'whole':
      return { msgtype: 'action_card', action_card: { ...heading(c), single_title: c.jump, single_url: c.url } };
    case 'buttons':
      return {
        msgtype: 'action_card',
        action_card: {
          ...heading(c),
          btn_orientation: c.side_by_side ? '1' : '0',
          btn_json_list: c.buttons.map(({ title, url }) => ({ title, action_url: url })),
        },
      };
    case 'oa':
      return { msgtype: 'oa', oa: form(c, app) };
    default: {
      const media_id = c.media[c.kind]?.media_id ?? '';
      return { msgtype: c.kind, [c.kind]: { media_id, ...(c.kind === 'voice' ? { duration: c.duration } : {}) } };
    }
  }
}

function heading(c: Content) {
  return { ...some({ title: c.title }), markdown: c.text };
}

function form(c: Content, app: string) {
  const rows = filled(c.rows);
  const rich = some({ num: c.number, unit: c.unit });
  return {
    ...some({ message_url: c.url, pc_message_url: c.pc_url }),
    head: { bgcolor: `FF${c.color}`, text: app },
    body: {
      ...some({ title: c.title, content: c.text, image: c.picture, author: c.author }),
      ...(rows.length > 0 ? { form: rows } : {}),
      ...(Object.keys(rich).length > 0 ? { rich } : {}),
    },
    ...(c.status ? { status_bar: { status_value: c.status } } : {}),
  };
}

function filled(rows: Content['rows']) {
  return rows.filter((r) => r.key.trim() !== '' || r.value.trim() !== '');
}

/** Only what is not empty. */
function some(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}
