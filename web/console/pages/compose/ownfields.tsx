// The fields of a message of one's own, by its type.

import { Button, Input, Switch } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { Plus } from 'lucide-react';
import { type RefObject, useRef } from 'react';
import { t } from '../../../shared/words';
import { Labelled } from '../../form/labelled';
import { Movers } from '../../form/movers';
import { PictureField } from '../../form/picturefield';
import { type Content, type ContentChange, limitOf } from './content';
import { MediaField } from './mediafield';
import { PictureInText } from './pictureintext';

interface Props {
  /** The app that sends it. */
  agent: string;
  content: Content;
  /** What is wrong with a field; empty where nothing is. */
  wrong: (field: string) => string;
  update: (change: ContentChange) => void;
}

export function OwnFields(props: Props) {
  switch (props.content.kind) {
    case 'text':
      return <Line {...props} field="text" long />;
    case 'markdown':
      return (
        <>
          <Line {...props} field="title" hint={t('compose.hint.title')} />
          <Markdown {...props} />
        </>
      );
    case 'link':
      return (
        <>
          <Line {...props} field="title" />
          <Line {...props} field="text" long rows={3} />
          <Line {...props} field="url" hint="https://" />
          <Picture {...props} />
        </>
      );
    case 'whole':
      return (
        <>
          <Line {...props} field="title" hint={t('compose.hint.title')} />
          <Markdown {...props} />
          <Line {...props} field="jump" hint={t('compose.hint.jump')} />
          <Line {...props} field="url" hint="https://" />
        </>
      );
    case 'buttons':
      return (
        <>
          <Line {...props} field="title" hint={t('compose.hint.title')} />
          <Markdown {...props} />
          <Buttons {...props} />
        </>
      );
    case 'oa':
      return <Form {...props} />;
    default:
      return <MediaField {...props} kind={props.content.kind} />;
  }
}

/** The picture of a link or a form. */
function Picture({ agent, content, wrong, update }: Props) {
  return (
    <PictureField
      agent={agent}
      label={t('compose.field.picture')}
      value={content.picture}
      most={limitOf(content.kind, 'picture')}
      wrong={wrong('picture')}
      onChange={(picture) => update({ picture })}
    />
  );
}

/** A Markdown text, into which pictures can be put. */
function Markdown(props: Props) {
  const area = useRef<TextAreaRef>(null);
  return (
    <>
      <Line {...props} field="text" long hint={t('compose.hint.markdown')} area={area} />
      <PictureInText {...props} area={area} />
    </>
  );
}

type Texts = 'title' | 'text' | 'url' | 'pc_url' | 'jump' | 'number' | 'unit' | 'author' | 'status';

interface LineProps extends Props {
  field: Texts;
  hint?: string;
  long?: boolean;
  rows?: number;
  area?: RefObject<TextAreaRef | null>;
}

function Line(props: LineProps) {
  const { content, field, hint } = props;
  return (
    <Piece
      label={t(`compose.field.${field}`)}
      value={content[field]}
      most={limitOf(content.kind, field)}
      wrong={props.wrong(field)}
      onChange={(text) => props.update({ [field]: text })}
      {...(hint ? { hint } : {})}
      {...(props.long ? { rows: props.rows ?? 6 } : {})}
      {...(props.area ? { area: props.area } : {})}
    />
  );
}

function Piece(props: {
  label: string;
  value: string;
  most: number;
  wrong: string;
  hint?: string;
  /** Several lines, so many at first. */
  rows?: number;
  area?: RefObject<TextAreaRef | null>;
  onChange: (text: string) => void;
}) {
  const { value, hint, rows, area, onChange } = props;
  return (
    <Labelled label={props.label} value={value} most={props.most} wrong={props.wrong}>
      {(named) =>
        rows === undefined ? (
          <Input {...named} value={value} placeholder={hint} onChange={(e) => onChange(e.target.value)} />
        ) : (
          <Input.TextArea
            {...named}
            ref={area}
            rows={rows}
            value={value}
            placeholder={hint}
            onChange={(e) => onChange(e.target.value)}
          />
        )
      }
    </Labelled>
  );
}

const mostButtons = 20;

function Buttons({ content, wrong, update }: Props) {
  const { buttons } = content;
  const set = (n: number, change: Partial<Content['buttons'][number]>) =>
    update({ buttons: buttons.map((b, i) => (i === n ? { ...b, ...change } : b)) });
  return (
    <div className="compose-list">
      {buttons.map((button, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: their place is what they are known by
        <div className="listed" key={n}>
          {(['title', 'url'] as const).map((part) => (
            <Piece
              key={part}
              label={t(`field.actions.${part}`, { n: n + 1 })}
              value={button[part]}
              most={limitOf('buttons', `buttons.${part}`)}
              wrong={wrong(`buttons[${n}].${part}`)}
              onChange={(text) => set(n, { [part]: text })}
              {...(part === 'url' ? { hint: 'https://' } : {})}
            />
          ))}
          <Movers
            list={buttons}
            n={n}
            least={1}
            name={t('field.actions.title', { n: n + 1 })}
            onChange={(next) => update({ buttons: next })}
          />
        </div>
      ))}
      <Wrong text={wrong('buttons')} />
      <div className="listed-add">
        <Button
          icon={<Plus size={16} aria-hidden="true" />}
          disabled={buttons.length >= mostButtons}
          onClick={() => update({ buttons: [...buttons, { title: '', url: '' }] })}
        >
          {t('actions.add')}
        </Button>
        <span className="inline-switch">
          <Switch
            size="small"
            aria-label={t('field.side_by_side')}
            checked={content.side_by_side}
            onChange={(side_by_side) => update({ side_by_side })}
          />
          {t('field.side_by_side')}
        </span>
      </div>
    </div>
  );
}

function Form(props: Props) {
  const { content, update } = props;
  return (
    <>
      <Line {...props} field="title" />
      <Line {...props} field="text" long rows={3} />
      <Rows {...props} />
      <Line {...props} field="url" hint="https://" />
      <details className="compose-more" open={hasMore(content)}>
        <summary>{t('compose.more')}</summary>
        <div className="fields">
          <div className="field-pair">
            <Line {...props} field="number" />
            <Line {...props} field="unit" />
          </div>
          <Picture {...props} />
          <Line {...props} field="author" />
          <Line {...props} field="status" />
          <Line {...props} field="pc_url" hint={t('hint.pc_url')} />
          <Labelled label={t('field.head_color')} value={content.color} wrong={props.wrong('color')}>
            {({ id }) => (
              <input
                id={id}
                className="compose-color"
                type="color"
                value={`#${content.color.toLowerCase()}`}
                onChange={(e) => update({ color: e.target.value.slice(1).toUpperCase() })}
              />
            )}
          </Labelled>
        </div>
      </details>
    </>
  );
}

function hasMore(c: Content): boolean {
  return [c.number, c.unit, c.picture, c.author, c.status, c.pc_url].some((text) => text !== '');
}

const mostRows = 200;

function Rows({ content, wrong, update }: Props) {
  const { rows } = content;
  const set = (n: number, change: Partial<Content['rows'][number]>) =>
    update({ rows: rows.map((r, i) => (i === n ? { ...r, ...change } : r)) });
  return (
    <div className="compose-list">
      {rows.map((row, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: their place is what they are known by
        <div className="listed" key={n}>
          {(['key', 'value'] as const).map((part) => (
            <Piece
              key={part}
              label={t(`field.rows.${part}`, { n: n + 1 })}
              value={row[part]}
              most={limitOf('oa', `rows.${part}`)}
              wrong={wrong(`rows[${n}].${part}`)}
              onChange={(text) => set(n, { [part]: text })}
            />
          ))}
          <Movers
            list={rows}
            n={n}
            least={0}
            name={t('row.n', { n: n + 1 })}
            onChange={(next) => update({ rows: next })}
          />
        </div>
      ))}
      <Wrong text={wrong('rows')} />
      <div className="listed-add">
        <Button
          icon={<Plus size={16} aria-hidden="true" />}
          disabled={rows.length >= mostRows}
          onClick={() => update({ rows: [...rows, { key: '', value: '' }] })}
        >
          {t('rows.add')}
        </Button>
      </div>
    </div>
  );
}

function Wrong({ text }: { text: string }) {
  return <p className="field-wrong">{text}</p>;
}
