// A page that is a list: its title, filters, rows and pager. On a phone rows
// have two lines instead of columns.

import type { UseQueryResult } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { Select } from 'antd';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { t } from '../../shared/words';
import { date } from '../../shared/words/time';
import { Heading } from '../shell/heading';
import { useLetters } from '../shell/keys';
import { Failed, Loading, NoMatch } from '../shell/states';
import { Chips, cleared, type Filter, Filters } from './filters';
import { type ListPlace, sizes, useListPlace } from './search';
import { ShapeChoice } from './shapechoice';
import { useView, type View } from './view';
import { ViewMenu } from './viewmenu';

export interface Column<T> {
  key: string;
  /** The id of its words. */
  title: string;
  cell: (item: T) => ReactNode;
  width?: number | undefined;
  numeric?: boolean;
  /** It cannot be hidden; its cell is the link that opens the row. */
  main?: boolean;
}

/** Items of a page that belong together. */
export interface Group<T> {
  key: string;
  title: string;
  items: readonly T[];
}

export interface ListPage<T> {
  items: readonly T[];
  /** Where the next page begins, as a rule an older one; null or absent if this is the last. */
  next_before?: string | null;
  /** Where the page before this one ends; null if this is the first, absent where the list does not know. */
  previous?: string | null;
  /** Of when the last thing is that was looked at: a page may come back short. */
  examined_to?: string | null;
}

interface Props<T> {
  /** Names what the browser keeps of the list. */
  name: string;
  title: string;
  /** What the page is for, in a sentence. */
  lead?: string;
  actions?: ReactNode;
  filters?: readonly Filter[];
  query: UseQueryResult<ListPage<T>>;
  rowKey: (item: T) => string;
  columns: readonly Column<T>[];
  /** What the second line of a row says on a phone. */
  second: (item: T) => ReactNode;
  /** Where a row leads. */
  link?: (item: T) => LinkProps;
  /** A row's button with what else can be done. */
  menu?: (item: T) => ReactNode;
  /** Stands above the rows, such as that there are new ones. */
  above?: ReactNode;
  /** What is shown when there is nothing yet. */
  empty: ReactNode;
  /** The same as cards: which of both is shown, the reader chooses. */
  cards?: (items: readonly T[]) => ReactNode;
  /** The groups that the rows of a page are shown in, without those that are empty. */
  groups?: (items: readonly T[]) => readonly Group<T>[];
  /** The list begins with what is oldest. */
  oldestFirst?: boolean;
}

export function DataPage<T>(props: Props<T>) {
  const place = useListPlace();
  const [view, setView] = useView(props.name);
  const { filters = [] } = props;
  const rows = !props.cards || view.rows;
  return (
    <>
      <div className="page-head">
        <Heading>{props.title}</Heading>
        <div className="page-actions">
          {rows && <ViewMenu columns={props.columns} view={view} onChange={setView} />}
          {props.cards && <ShapeChoice rows={rows} onChange={(next) => setView({ ...view, rows: next })} />}
          {props.actions}
        </div>
      </div>
      {props.lead && <p className="quiet page-lead">{props.lead}</p>}
      {filters.length > 0 && (
        <div className="toolbar">
          <Filters filters={filters} place={place} />
        </div>
      )}
      <Chips filters={filters} place={place} />
      <Rows {...props} place={place} view={view} />
    </>
  );
}

function Rows<T>(props: Props<T> & { place: ListPlace; view: View }) {
  const { query, place, filters = [] } = props;
  if (query.isPending) {
    return <Loading />;
  }
  if (query.isError && !query.data) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const { items, next_before: next = null, previous, examined_to: until = null } = query.data as ListPage<T>;
  const filtered = filters.some((f) => place.search[f.key] !== undefined);
  const ended = items.length === 0 && next === null;
  const none = ended && place.newer === null;
  return (
    <section className="panel" aria-label={props.title} aria-busy={query.isFetching}>
      {query.isFetching && <div className="busy-bar" />}
      {none && (filtered ? <NoMatch onClear={() => place.filter(cleared(filters))} /> : props.empty)}
      {ended && !none && <p className="quiet list-end">{t('list.end')}</p>}
      {props.above}
      {items.length > 0 && (props.cards && !props.view.rows ? props.cards(items) : <Table {...props} items={items} />)}
      {!none && (
        <Pager
          place={place}
          next={next}
          previous={previous}
          until={items.length < place.size ? until : null}
          oldestFirst={props.oldestFirst === true}
        />
      )}
    </section>
  );
}

function Table<T>(props: Props<T> & { items: readonly T[]; view: View }) {
  const table = useRef<HTMLTableElement>(null);
  useLetters(
    useMemo(() => {
      const step = (by: number) => () => moveFocus(table.current, by);
      return { j: step(1), k: step(-1) };
    }, []),
  );
  const columns = props.columns.filter((c) => c.main || !props.view.hidden.includes(c.key));
  const groups = props.groups?.(props.items) ?? [{ key: '', title: '', items: props.items }];
  return (
    <table className={props.view.dense ? 'list dense' : 'list'} ref={table}>
      <thead>
        <tr>
          {columns.map((c) => (
            <th key={c.key} scope="col" className={c.numeric ? 'numeric' : ''} style={{ width: c.width }}>
              {t(c.title)}
            </th>
          ))}
          {props.menu && (
            <th scope="col">
              <span className="unseen">{t('list.more')}</span>
            </th>
          )}
        </tr>
      </thead>
      {groups.map((group) => (
        <tbody key={group.key}>
          {group.title && (
            <tr className="list-group">
              <th scope="rowgroup" colSpan={columns.length + (props.menu ? 1 : 0)}>
                {group.title}
              </th>
            </tr>
          )}
          {group.items.map((item) => (
            <Row key={props.rowKey(item)} {...props} columns={columns} item={item} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

function Row<T>(props: Pick<Props<T>, 'columns' | 'link' | 'second' | 'menu'> & { item: T }) {
  const { item } = props;
  return (
    <tr>
      {props.columns.map((c) => (
        <td key={c.key} className={c.main ? 'main' : c.numeric ? 'numeric' : ''}>
          {c.main && props.link ? (
            <Link {...props.link(item)} className="row-link">
              {c.cell(item)}
            </Link>
          ) : (
            c.cell(item)
          )}
          {c.main && <span className="second-line only-phone">{props.second(item)}</span>}
        </td>
      ))}
      {props.menu && <td className="row-menu">{props.menu(item)}</td>}
    </tr>
  );
}

/** The next row's link, or the one before, takes the focus. */
function moveFocus(table: HTMLElement | null, by: number): void {
  const links = [...(table?.querySelectorAll<HTMLElement>('.row-link') ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by));
  links[to]?.focus();
}

function Pager(props: {
  place: ListPlace;
  next: string | null;
  previous: string | null | undefined;
  until: string | null;
  oldestFirst: boolean;
}) {
  const { place, next, previous, until } = props;
  const newer = previous === null ? null : place.newer;
  const [before, after] = props.oldestFirst ? ['list.older', 'list.newer'] : ['list.newer', 'list.older'];
  if (next === null && place.newer === null && place.search.size === undefined) {
    return null; // all is here
  }
  const further = next !== null && until !== null;
  return (
    <nav className="pager" aria-label={t('list.pages')}>
      {further && <p className="pager-text">{t('list.until', { date: date(new Date(until)) })}</p>}
      <button type="button" className="button" disabled={newer === null} onClick={() => newer?.(previous ?? undefined)}>
        <ChevronLeft size={16} aria-hidden="true" />
        {t(before)}
      </button>
      <button
        type="button"
        className="button"
        disabled={next === null}
        onClick={() => next !== null && place.older(next)}
      >
        {t(further ? 'list.further' : after)}
        <ChevronRight size={16} aria-hidden="true" />
      </button>
      <Select
        aria-label={t('list.size')}
        value={place.size}
        options={sizes.map((value) => ({ value, label: t('list.perPage', { count: value }) }))}
        onChange={place.resize}
      />
    </nav>
  );
}
