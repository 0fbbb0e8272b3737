// The fields of a template's form, as the server names them in findings and
// differences: title, rows[2].value, parameters.who.sample.

import type { components } from '../../../shared/api/schema.gen';
import { has, t } from '../../../shared/words';

import type { FormRequest } from './form';

export type Form = components['schemas']['Form'];
export type Kind = 'markdown' | 'action_card' | 'form';

/** A field in words: 标题, 第 3 行的内容, 参数 who 的示例. */
export function fieldName(path: string): string {
  const listed = /^(actions|rows)\[(\d+)\](?:\.(\w+))?$/.exec(path);
  if (listed) {
    const [, list, at, part = ''] = listed;
    return named(`field.${list}.${part}`, path, { n: Number(at) + 1 });
  }
  const value = /^values\.(.+)$/.exec(path);
  if (value) {
    return t('field.value', { name: value[1] ?? '' });
  }
  const parameter = /^parameters\.(.+?)(?:\.(description|sample|max_length|hosts))?$/.exec(path);
  if (parameter) {
    const [, name = '', part = ''] = parameter;
    return named(part ? `field.parameters.${part}` : 'field.parameter', path, { name });
  }
  return named(`field.${path}`, path, {});
}

function named(id: string, path: string, values: Record<string, string | number>): string {
  return has(id) ? t(id, values) : path;
}

/** What a field says in words, where it is not what somebody has written. */
export function shownText(path: string, text: string): string {
  if (text !== '' && path === 'kind') {
    return named(`kind.${text}`, text, {});
  }
  return text !== '' && path === 'side_by_side' ? t('yes') : text;
}

/** What is written in a form by its own fields: a list's in one text, line by line. */
export function parts(form: FormRequest): Map<keyof FormRequest, string> {
  const all = new Map<keyof FormRequest, string>();
  for (const [path, text] of written({ ...form } as Form)) {
    const key = path.replace(/[.[].*$/, '') as keyof FormRequest;
    const before = all.get(key);
    all.set(key, key === path ? text : `${before ? `${before}\n` : ''}${fieldName(path)}: ${text}`);
  }
  return all;
}

/** All that is written in a form, field by field, in the order of the form. */
export function written(form: Form): [path: string, text: string][] {
  const fields: [string, string | undefined][] = [
    ['kind', shownText('kind', form.kind)],
    ['name', form.name],
    ['use_case', form.use_case],
    ['head_text', form.head_text],
    ['head_color', form.head_color],
    ['title', form.title],
    ['content', form.content],
    ['image', form.image],
    ...(form.actions ?? []).flatMap((a, n): [string, string][] => [
      [`actions[${n}].title`, a.title],
      [`actions[${n}].url`, a.url],
    ]),
    ['side_by_side', form.side_by_side ? shownText('side_by_side', 'true') : ''],
    ...(form.rows ?? []).flatMap((r, n): [string, string][] => [
      [`rows[${n}].key`, r.key],
      [`rows[${n}].value`, r.value],
    ]),
    ['mobile_url', form.mobile_url],
    ['pc_url', form.pc_url],
    ...(form.parameters ?? []).flatMap((p): [string, string][] => [
      [`parameters.${p.name}.description`, p.description],
      [`parameters.${p.name}.sample`, p.sample],
      [`parameters.${p.name}.max_length`, p.max_length ? String(p.max_length) : ''],
      [`parameters.${p.name}.hosts`, (p.hosts ?? []).join(', ')],
    ]),
  ];
  return fields.filter((f): f is [string, string] => !!f[1]);
}
