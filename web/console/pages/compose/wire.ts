// A message of the wire, read into the fields that somebody writes; and where
// its fields stand among these.

import { type Content, emptyContent, type Kind } from './content';

type Read = Readonly<Record<string, unknown>>;

/** What a message that was sent says, to be sent anew; null for what cannot be written here. */
export function contentOf(message: Read): Content | null {
  const type = text(message, 'msgtype');
  const said = object(message[type]);
  const fresh = { ...emptyContent };
  switch (type) {
    case 'text':
      return { ...fresh, kind: 'text', text: text(said, 'content') };
    case 'markdown':
      return { ...fresh, kind: 'markdown', title: text(said, 'title'), text: text(said, 'text') };
    case 'link':
      return {
        ...fresh,
        kind: 'link',
        title: text(said, 'title'),
        text: text(said, 'text'),
        url: text(said, 'messageUrl'),
        picture: text(said, 'picUrl'),
      };
    case 'action_card':
      return card(said);
    case 'oa':
      return form(said);
    case 'image':
    case 'file':
    case 'voice':
      return {
        ...fresh,
        kind: type,
        media: { [type]: { media_id: text(said, 'media_id'), name: '', size: 0 } },
        duration: text(said, 'duration'),
      };
    default:
      return null;
  }
}

function card(said: Read): Content {
  const fresh = { ...emptyContent, title: text(said, 'title'), text: text(said, 'markdown') };
  const buttons = list(said, 'btn_json_list').map((b) => ({ title: text(b, 'title'), url: text(b, 'action_url') }));
  if (buttons.length > 0 && text(said, 'single_title') === '') {
    return { ...fresh, kind: 'buttons', buttons, side_by_side: text(said, 'btn_orientation') === '1' };
  }
  return { ...fresh, kind: 'whole', jump: text(said, 'single_title'), url: text(said, 'single_url') };
}

function form(said: Read): Content {
  const [head, body, bar] = [object(said.head), object(said.body), object(said.status_bar)];
  const rich = object(body.rich);
  const rows = list(body, 'form').map((r) => ({ key: text(r, 'key'), value: text(r, 'value') }));
  return {
    ...emptyContent,
    kind: 'oa',
    title: text(body, 'title'),
    text: text(body, 'content'),
    url: text(said, 'message_url'),
    pc_url: text(said, 'pc_message_url'),
    picture: text(body, 'image'),
    rows: rows.length > 0 ? rows : emptyContent.rows,
    color: /[0-9a-f]{6}$/i.exec(text(head, 'bgcolor'))?.[0].toUpperCase() ?? emptyContent.color,
    number: text(rich, 'num'),
    unit: text(rich, 'unit'),
    author: text(body, 'author'),
    status: text(bar, 'status_value'),
  };
}

function object(value: unknown): Read {
  return value !== null && typeof value === 'object' ? (value as Read) : {};
}

function list(of: Read, key: string): Read[] {
  const value = of[key];
  return Array.isArray(value) ? value.map(object) : [];
}

function text(of: Read, key: string): string {
  const value = of[key];
  return typeof value === 'string' ? value : '';
}

/** Our field for what a refusal names, such as message.oa.body.form[2].key; undefined for what is no field here. */
export function fieldOf(kind: Kind, path: string): string | undefined {
  const parts = /^\w+\.(?:text|markdown|link|action_card|oa|image|file|voice)\.(.+)$/.exec(path);
  const [, inner = ''] = parts ?? [];
  const listed = /^(?:body\.)?(form|btn_json_list)(?:\[(\d+)\]\.(\w+))?$/.exec(inner);
  if (listed) {
    const [, name, n, part = ''] = listed;
    const own = name === 'form' ? 'rows' : 'buttons';
    return n === undefined ? own : `${own}[${n}].${part === 'action_url' ? 'url' : part}`;
  }
  const last = inner.split('.').at(-1) ?? '';
  return last === 'content' || last === 'markdown' || last === 'text' ? textOf(kind, inner) : names[last];
}

/** The head of an oa message has a text too, which is not written here. */
function textOf(kind: Kind, inner: string): string | undefined {
  return kind === 'oa' && inner === 'head.text' ? undefined : 'text';
}

const names: Readonly<Record<string, string>> = {
  title: 'title',
  messageUrl: 'url',
  message_url: 'url',
  single_url: 'url',
  pc_message_url: 'pc_url',
  picUrl: 'picture',
  image: 'picture',
  single_title: 'jump',
  bgcolor: 'color',
  num: 'number',
  unit: 'unit',
  author: 'author',
  status_value: 'status',
  media_id: 'media',
  duration: 'duration',
};

/** The content with a mark before its title, or its text where it has no title. */
export function marked(c: Content, mark: string): Content {
  const titled = c.kind !== 'text' && c.title !== '';
  return titled ? { ...c, title: mark + c.title } : { ...c, text: mark + c.text };
}
