import { describe, expect, it } from 'vitest';
import {
  type Content,
  emptyContent,
  type Kind,
  limitOf,
  type Message,
  messageOf,
  missing,
  withPicture,
} from './content';
import { contentOf, fieldOf, marked } from './wire';

const write = (some: Partial<Content>): Content => ({ ...emptyContent, ...some });

const messages: [Kind, Message][] = [
  ['text', { msgtype: 'text', text: { content: '停电' } }],
  ['markdown', { msgtype: 'markdown', markdown: { title: '停电', text: '**今天**' } }],
  [
    'link',
    {
      msgtype: 'link',
      link: { title: '停电', text: '今天', messageUrl: 'https://a.example.com', picUrl: 'https://b.example.com' },
    },
  ],
  [
    'whole',
    {
      msgtype: 'action_card',
      action_card: { title: '停电', markdown: '今天', single_title: '看', single_url: 'https://a.example.com' },
    },
  ],
  [
    'buttons',
    {
      msgtype: 'action_card',
      action_card: {
        markdown: '今天',
        btn_orientation: '1',
        btn_json_list: [
          { title: '好', action_url: 'https://a.example.com' },
          { title: '不', action_url: 'https://b.example.com' },
        ],
      },
    },
  ],
  [
    'oa',
    {
      msgtype: 'oa',
      oa: {
        message_url: 'https://a.example.com',
        head: { bgcolor: 'FF3E7BFA', text: '行政' },
        body: { title: '停电', content: '今天', author: '林', form: [{ key: '区', value: '东' }], rich: { num: '3' } },
        status_bar: { status_value: '计划中' },
      },
    },
  ],
];

describe.each(messages)('a message of the kind %s', (kind, message) => {
  it('is read into its fields and written as it was', () => {
    const content = contentOf(message);
    expect(content?.kind).toBe(kind);
    expect(content && messageOf(content, '行政')).toEqual(message);
    expect(content && missing(content)).toEqual([]);
  });
});

describe('what is written', () => {
  it('stays when another type is chosen', () => {
    const content = write({ kind: 'markdown', title: '停电', text: '今天' });
    expect(messageOf({ ...content, kind: 'text' }, '')).toEqual({ msgtype: 'text', text: { content: '今天' } });
  });

  it('lacks what the type cannot be sent without', () => {
    expect(missing(write({ kind: 'text', text: ' \n' }))).toEqual(['text']);
    expect(missing(write({ kind: 'link', title: 'a' }))).toEqual(['text', 'url', 'picture']);
    expect(missing(write({ kind: 'buttons', text: 'a', buttons: [{ title: 'a', url: '' }] }))).toEqual([
      'buttons[0].url',
    ]);
    expect(missing(write({ kind: 'oa' }))).toEqual(['title']);
    expect(missing(write({ kind: 'oa', rows: [{ key: '区', value: '' }] }))).toEqual([]);
    expect(missing(write({ kind: 'voice' }))).toEqual(['media', 'duration']);
  });

  it('may be as long as the server takes it', () => {
    expect([limitOf('whole', 'title'), limitOf('markdown', 'title'), limitOf('oa', 'rows[3].value')]).toEqual([
      64, 2000, 5000,
    ]);
  });

  it('gets a mark where people see it', () => {
    expect(marked(write({ kind: 'text', title: 'from before', text: 'b' }), '!').text).toBe('!b');
    expect(marked(write({ kind: 'oa', title: 'a', text: 'b' }), '!')).toMatchObject({ title: '!a', text: 'b' });
    expect(marked(write({ kind: 'whole', text: 'b' }), '!')).toMatchObject({ title: '', text: '!b' });
  });
});

it.each([
  ['text', 'message.text.content', 'text'],
  ['link', 'message.link.picUrl', 'picture'],
  ['markdown', 'message.markdown.text', 'text'],
  ['markdown', 'message.markdown.title', 'title'],
  ['whole', 'msg.action_card.markdown', 'text'],
  ['buttons', 'message.action_card.btn_json_list', 'buttons'],
  ['buttons', 'message.action_card.btn_json_list[1].action_url', 'buttons[1].url'],
  ['oa', 'message.oa.body.form[2].key', 'rows[2].key'],
  ['oa', 'message.oa.body.content', 'text'],
  ['oa', 'message.oa.head.text', undefined],
  ['oa', 'message.oa.status_bar.status_value', 'status'],
  ['text', 'audience.dept_ids', undefined],
  ['text', '', undefined],
] as const)('a refusal of %s about %s is told at %s', (kind, path, field) => {
  expect(fieldOf(kind, path)).toBe(field);
});

describe('a picture in a Markdown text', () => {
  it.each([
    ['', 0, '![](@a)'],
    ['第一段', 3, '第一段\n\n![](@a)'],
    ['第一段', 0, '![](@a)\n\n第一段'],
    ['第一段\n\n第二段', 4, '第一段\n\n![](@a)\n\n第二段'],
  ])('stands in a paragraph of its own: %j at %s', (text, at, said) => {
    expect(withPicture(text, at, '@a')).toBe(said);
  });
});
