import { locale, t } from '../../shared/words';

/** Roles in words: 撰写人、审核人和管理员. Being an employee is no role to speak of beside others. */
export function roleNames(roles: readonly string[]): string {
  const shown = roles.length > 1 ? roles.filter((r) => r !== 'employee') : roles;
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(shown.map((r) => t(`role.${r}`)));
}

/** Names of whom any will do: 王小明、李雷或韩梅梅. */
export function anyOf(names: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: 'disjunction' }).format(names);
}
