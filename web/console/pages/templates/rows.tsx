// Templates as rows of a table, and what is said of one in either form of the list.

import type { LinkProps } from '@tanstack/react-router';
import { t } from '../../../shared/words';
import type { Column } from '../../list/datapage';
import { When } from '../../list/when';
import { named } from '../../people/named';
import type { ListedTemplate } from './queries';
import { Facts } from './status';

export const columns: readonly Column<ListedTemplate>[] = [
  { key: 'name', title: 'field.name', main: true, cell: nameOf },
  { key: 'state', title: 'template.state', cell: (item) => <Facts template={item} /> },
  { key: 'kind', title: 'template.kind', cell: (item) => t(`kind.${item.kind}`) },
  { key: 'app', title: 'app', cell: (item) => <span className="cut">{item.app.name}</span> },
  { key: 'by', title: 'templates.changedBy', cell: writerOf },
  { key: 'saved', title: 'templates.changed', cell: (item) => <When at={item.newest.saved_at} /> },
];

export function linkTo(item: ListedTemplate): LinkProps {
  return { to: '/templates/$agent/$id', params: { agent: item.agent_id, id: item.template_id } } as LinkProps;
}

export function nameOf(item: ListedTemplate): string {
  return item.name || t('template.unnamed');
}

/** Who submitted the newest version, or saved it last; nothing where one may not know. */
function writerOf({ newest }: ListedTemplate): string {
  const by = newest.submitted_by ?? newest.authors.at(-1);
  return by ? named(by) : '';
}

/** By whom it was changed, and when. */
export function Saved({ item }: { item: ListedTemplate }) {
  const by = writerOf(item);
  return (
    <>
      {by && `${by} · `}
      <When at={item.newest.saved_at} />
    </>
  );
}

/** The second line on a phone: the two facts, when it was changed, and its app. */
export function Second({ item }: { item: ListedTemplate }) {
  return (
    <span className="template-second">
      <Facts template={item} />
      <span>
        <When at={item.newest.saved_at} /> · {item.app.name}
      </span>
    </span>
  );
}
