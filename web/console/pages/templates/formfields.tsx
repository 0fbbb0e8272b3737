// The fields of a form, by its kind.

import { Button, Dropdown, Input, Switch } from 'antd';
import { Braces, Plus } from 'lucide-react';
import { type RefObject, useState } from 'react';
import { t } from '../../../shared/words';
import { Counter, Labelled } from '../../form/labelled';
import { Movers } from '../../form/movers';
import { PictureField } from '../../form/picturefield';
import { type Finding, findingText } from './findings';
import { type FormRequest, limitsOf, parametersIn } from './form';
import { Text, type TextHandle } from './text';

interface Props {
  /** The app whose template it is. */
  agent: string;
  form: FormRequest;
  findings: readonly Finding[];
  update: (change: Partial<FormRequest>) => void;
  onBlur: () => void;
  text: RefObject<TextHandle | null>;
}

export function Fields(props: Props) {
  const { form } = props;
  const most = limitsOf(form.kind);
  return (
    <div className="editor-fields">
      <section className="panel fields">
        <Line {...props} field="name" most={most.name} hint={t('hint.name')} />
        <Line {...props} field="use_case" most={most.use_case} hint={t('hint.use_case')} long />
      </section>
      <section className="panel fields">
        {form.kind === 'form' && (
          <div className="field-pair">
            <Line {...props} field="head_text" most={most.head_text} hint={t('hint.head_text')} />
            <Line {...props} field="head_color" hint="FF0958D9" />
          </div>
        )}
        <Line {...props} field="title" most={most.title} hint={t('hint.title')} />
        <Content {...props} most={most.content} />
        <PictureField
          agent={props.agent}
          label={t('field.image')}
          value={form.image ?? ''}
          most={most.link}
          wrong={wrongAt(props.findings, 'image', form.image ?? '')}
          onChange={(image) => props.update({ image })}
          onBlur={props.onBlur}
        />
      </section>
      {form.kind === 'action_card' && <Actions {...props} />}
      {form.kind === 'form' && <Rows {...props} />}
      {form.kind === 'form' && (
        <section className="panel fields">
          <Line {...props} field="mobile_url" most={most.link} hint="https://" />
          <Line {...props} field="pc_url" most={most.link} hint={t('hint.pc_url')} />
        </section>
      )}
    </div>
  );
}

type Texts = 'name' | 'use_case' | 'title' | 'head_text' | 'head_color' | 'mobile_url' | 'pc_url';

function Line(props: Props & { field: Texts; most?: number; hint: string; long?: boolean }) {
  const { form, field, most } = props;
  const value = form[field] ?? '';
  const change = (text: string) => props.update({ [field]: text });
  return (
    <Labelled
      label={t(`field.${field}`)}
      value={value}
      {...(most ? { most } : {})}
      wrong={wrongAt(props.findings, field, value)}
    >
      {(name) =>
        props.long ? (
          <Input.TextArea
            {...name}
            rows={2}
            value={value}
            placeholder={props.hint}
            onChange={(e) => change(e.target.value)}
            onBlur={props.onBlur}
          />
        ) : (
          <Input
            {...name}
            value={value}
            placeholder={props.hint}
            onChange={(e) => change(e.target.value)}
            onBlur={props.onBlur}
          />
        )
      }
    </Labelled>
  );
}

/** What is wrong with what is written in a field. */
export function wrongAt(findings: readonly Finding[], field: string, value: string): string {
  const finding = findings.find((f) => f.field === field);
  return finding?.severity === 'error' && value !== '' ? findingText(finding) : '';
}

function Content(props: Props & { most: number }) {
  const { form, most } = props;
  const value = form.content ?? '';
  const [inserting, setInserting] = useState(false);
  return (
    <div className="field">
      <div className="field-head">
        <span>{t('field.content')}</span>
        <Counter value={value} most={most} />
        <Insert form={form} text={props.text} open={inserting} onOpen={setInserting} />
      </div>
      <Text
        value={value}
        label={t('field.content')}
        hint={t(form.kind === 'form' ? 'hint.content' : 'hint.markdown')}
        findings={props.findings}
        onChange={(content) => props.update({ content })}
        onBlur={props.onBlur}
        handle={props.text}
        onInsert={() => setInserting(true)}
      />
    </div>
  );
}

/** Writes a parameter into the text: a known one, or the beginning of another. */
function Insert(props: {
  form: FormRequest;
  text: RefObject<TextHandle | null>;
  open: boolean;
  onOpen: (open: boolean) => void;
}) {
  const { form, text } = props;
  const names = [...new Set([...parametersIn(form), ...(form.parameters ?? []).map((p) => p.name)])];
  const fresh = `p${names.length + 1}`;
  const items = [...names.map((key) => ({ key, label: key })), { key: fresh, label: t('insert.new') }];
  return (
    <Dropdown
      trigger={['click']}
      autoFocus
      open={props.open}
      onOpenChange={props.onOpen}
      menu={{ items, onClick: ({ key }) => text.current?.insert(`$${`{${key}}`}`) }}
    >
      <Button
        size="small"
        type="text"
        aria-haspopup="menu"
        aria-expanded={props.open}
        aria-keyshortcuts="Alt+/"
        icon={<Braces size={14} aria-hidden="true" />}
      >
        {t('insert')}
      </Button>
    </Dropdown>
  );
}

function Actions(props: Props) {
  const { form, update } = props;
  const actions = form.actions ?? [];
  const most = limitsOf(form.kind);
  const set = (n: number, change: Partial<(typeof actions)[number]>) =>
    update({ actions: actions.map((a, i) => (i === n ? { ...a, ...change } : a)) });
  return (
    <section className="panel fields" aria-label={t('field.actions')}>
      <h2>{t('field.actions')}</h2>
      {actions.map((action, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: their place is what they are known by
        <div className="listed" key={n}>
          <Piece
            {...props}
            path={`actions[${n}].title`}
            most={most.button}
            value={action.title}
            onChange={(title) => set(n, { title })}
          />
          <Piece
            {...props}
            path={`actions[${n}].url`}
            most={most.link}
            value={action.url}
            onChange={(url) => set(n, { url })}
          />
          <Movers
            list={actions}
            n={n}
            least={1}
            onChange={(next) => update({ actions: next })}
            name={t('field.actions.title', { n: n + 1 })}
          />
        </div>
      ))}
      <div className="listed-add">
        <Button
          icon={<Plus size={16} aria-hidden="true" />}
          disabled={actions.length >= most.actions}
          onClick={() => update({ actions: [...actions, { title: '', url: '' }] })}
        >
          {t('actions.add')}
        </Button>
        {actions.length > 1 && (
          <span className="inline-switch">
            <Switch
              size="small"
              aria-label={t('field.side_by_side')}
              checked={form.side_by_side ?? false}
              onChange={(side_by_side) => update({ side_by_side })}
            />
            {t('field.side_by_side')}
          </span>
        )}
        <span className="quiet">{t(actions.length > 1 ? 'actions.several' : 'actions.one')}</span>
      </div>
    </section>
  );
}

function Rows(props: Props) {
  const { form, update } = props;
  const rows = form.rows ?? [];
  const most = limitsOf(form.kind);
  const set = (n: number, change: Partial<(typeof rows)[number]>) =>
    update({ rows: rows.map((r, i) => (i === n ? { ...r, ...change } : r)) });
  return (
    <section className="panel fields" aria-label={t('field.rows')}>
      <h2>{t('field.rows')}</h2>
      {rows.map((row, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: their place is what they are known by
        <div className="listed" key={n}>
          <Piece
            {...props}
            path={`rows[${n}].key`}
            most={most.key}
            value={row.key}
            onChange={(key) => set(n, { key })}
          />
          <Piece
            {...props}
            path={`rows[${n}].value`}
            most={most.value}
            value={row.value}
            onChange={(value) => set(n, { value })}
          />
          <Movers
            list={rows}
            n={n}
            least={0}
            onChange={(next) => update({ rows: next })}
            name={t('row.n', { n: n + 1 })}
          />
        </div>
      ))}
      <div className="listed-add">
        <Button
          icon={<Plus size={16} aria-hidden="true" />}
          disabled={rows.length >= most.rows}
          onClick={() => update({ rows: [...rows, { key: '', value: '' }] })}
        >
          {t('rows.add')}
        </Button>
      </div>
    </section>
  );
}

function Piece(props: Props & { path: string; most: number; value: string; onChange: (text: string) => void }) {
  const name = props.path.replace(/\[\d+\]/, '');
  const n = Number(/\[(\d+)\]/.exec(props.path)?.[1] ?? 0) + 1;
  return (
    <Labelled
      label={t(`field.${name}`, { n })}
      value={props.value}
      most={props.most}
      wrong={wrongAt(props.findings, props.path, props.value)}
    >
      {(named) => (
        <Input {...named} value={props.value} onChange={(e) => props.onChange(e.target.value)} onBlur={props.onBlur} />
      )}
    </Labelled>
  );
}
