// A template's form as it is written: what it may hold, its parameters, and
// corrections that can be made for its author.

import type { components } from '../../../shared/api/schema.gen';
import type { Form } from './fields';

export type FormRequest = components['schemas']['FormRequest'];
export type Parameter = components['schemas']['ParameterRequest'];

/** What a template is, as people choose it: a card leads to one address as a whole, or has buttons. */
export type Kind = 'markdown' | 'whole' | 'buttons' | 'form';
export const kinds: readonly Kind[] = ['markdown', 'whole', 'buttons', 'form'];

/** The most characters of a field, and the most of what a form has several of. */
export function limitsOf(kind: FormRequest['kind']) {
  const form = kind === 'form';
  return {
    name: 64,
    use_case: 500,
    title: form ? 50 : 64,
    content: form ? 1000 : 5000,
    head_text: 10,
    button: 20,
    key: 64,
    value: 500,
    link: 500,
    description: 200,
    sample: 1000,
    actions: 10,
    rows: 20,
    parameters: 20,
  };
}

export function emptyForm(kind: Kind): FormRequest {
  const texts = { name: '', use_case: '', title: '', content: '', parameters: [] };
  switch (kind) {
    case 'markdown':
      return { kind: 'markdown', ...texts };
    case 'form':
      return { kind: 'form', ...texts, head_text: '', head_color: 'FF0958D9', rows: [{ key: '', value: '' }] };
    case 'whole':
      return { kind: 'action_card', ...texts, actions: [{ title: '', url: '' }] };
    case 'buttons':
      return {
        kind: 'action_card',
        ...texts,
        actions: [
          { title: '', url: '' },
          { title: '', url: '' },
        ],
      };
  }
}

/** A stored form, ready to be written in. */
export function editable(form: Form): FormRequest {
  const { kind, ...rest } = form;
  return { ...rest, kind: kind as FormRequest['kind'] };
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The parameters that stand in a form's texts, in the order of the texts, each once. */
export function parametersIn(form: FormRequest): string[] {
  const texts = [
    form.head_text,
    form.head_color,
    form.content,
    ...(form.actions ?? []).flatMap((a) => [a.title, a.url]),
    ...(form.rows ?? []).flatMap((r) => [r.key, r.value]),
    form.mobile_url,
    form.pc_url,
  ];
  const names = texts.flatMap((text) => [...(text ?? '').matchAll(reference)].map((m) => m[1] as string));
  return [...new Set(names)];
}

/**
 * The form with a description for each parameter that stands in its texts. What
 * somebody has described stays although it stands nowhere: they may be about to
 * write it in again.
 */
export function withParameters(form: FormRequest): FormRequest {
  const found = parametersIn(form);
  const described = form.parameters ?? [];
  const kept = described.filter((p) => found.includes(p.name) || p.description || p.sample || p.hosts?.length);
  const known = new Set(kept.map((p) => p.name));
  const fresh = found.filter((name) => !known.has(name)).map((name) => ({ name, description: '', sample: '' }));
  return fresh.length === 0 && kept.length === described.length ? form : { ...form, parameters: [...kept, ...fresh] };
}

/** A line of the text that is a heading becomes bold. Lines count from 1. */
export function headingToBold(form: FormRequest, line: number): FormRequest {
  return inLine(form, line, (text) => text.replace(/^\s{0,3}#{1,6}\s*(.*?)\s*#*\s*$/, (_, said) => `**${said}**`));
}

/** The first picture in a line of the text becomes the template's picture. */
export function pictureToImage(form: FormRequest, line: number): FormRequest {
  const picture = /!\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)/;
  const source = picture.exec((form.content ?? '').split('\n')[line - 1] ?? '')?.[1];
  if (source === undefined) {
    return form;
  }
  return { ...inLine(form, line, (text) => text.replace(picture, '').trimEnd()), image: source };
}

function inLine(form: FormRequest, line: number, change: (text: string) => string): FormRequest {
  const lines = (form.content ?? '').split('\n');
  const text = lines[line - 1];
  return text === undefined ? form : { ...form, content: lines.with(line - 1, change(text)).join('\n') };
}

/** Whether two forms say the same; what is left out is empty. */
export function same(a: FormRequest, b: FormRequest): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (value !== null && typeof value === 'object') {
    return Object.entries(value)
      .filter(([, v]) => v !== undefined && v !== '' && v !== 0 && v !== false && !(Array.isArray(v) && v.length === 0))
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([k, v]) => [k, plain(v)]);
  }
  return value;
}
