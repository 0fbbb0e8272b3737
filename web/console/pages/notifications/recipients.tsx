// Whom a notification reached, who has read it and who not, and who did not get
// it: one list at a time, as long as it may be.

import { useInfiniteQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useId, useRef } from 'react';
import { WindowVirtualizer } from 'virtua';
import { t } from '../../../shared/words';
import { Chips, cleared, type Filter, Filters } from '../../list/filters';
import { type ListPlace, useListPlace } from '../../list/search';
import { useOrg } from '../../shell/session';
import { Failed, Loading, NoMatch } from '../../shell/states';
import { Export } from './export';
import { listsOf, number, reason } from './model';
import { useNewReaders } from './newreaders';
import { Person } from './person';
import { type List, newestFirst, type Recipient, recipientsQuery, type TaskDetail } from './queries';

export function Recipients({ task }: { task: TaskDetail }) {
  const place = useListPlace({ keepScroll: true });
  const lists = listsOf(task);
  const shown = lists.find((l) => l.list === place.search.tab) ?? lists[0];
  const label = useId();
  if (!shown) {
    return null;
  }
  return (
    <section className="panel" aria-labelledby={label}>
      <div className="task-panel-head">
        <h2 id={label}>{t('people.title')}</h2>
      </div>
      <nav className="lists" aria-label={t('people.title')}>
        {lists.map(({ list, count }) => (
          <button
            key={list}
            type="button"
            className="list-tab"
            aria-current={list === shown.list}
            onClick={() => place.filter({ tab: list, q: undefined, dept: undefined, code: undefined }, true)}
          >
            {t(`people.${list}`)} {number(count)}
          </button>
        ))}
      </nav>
      <People key={shown.list} task={task} list={shown.list} count={shown.count} place={place} />
    </section>
  );
}

function People(props: { task: TaskDetail; list: List; count: number; place: ListPlace }) {
  const { task, list, count, place } = props;
  const { q, dept, code } = place.search;
  const which = { list, q, dept_id: dept, code };
  const query = useInfiniteQuery(recipientsQuery(useOrg(), task, which));
  const people = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filters = filtersOf(task, list, people);
  const total = query.data?.pages[0]?.total ?? count;
  const grown = list === 'unread' ? count < total : count > total; // people only ever read
  const grows = newestFirst(task, which);
  const rows = useRef<HTMLDivElement>(null);
  const top = () => rows.current?.getBoundingClientRect().top ?? 0;
  const { fresh, shift } = useNewReaders(task, which, grown && grows && query.isSuccess, top);
  return (
    <>
      {(count > 0 || q !== undefined || dept !== undefined || code !== undefined) && (
        <div className="people-tools">
          <div className="toolbar">
            <Filters filters={filters} place={place} />
            <Export task={task} which={which} count={query.data?.pages[0]?.matched ?? 0} />
          </div>
          <Chips filters={filters} place={place} />
        </div>
      )}
      <div role="status">
        {grown && !grows && !query.isFetching && (
          <button type="button" className="waiting" onClick={() => void query.refetch()}>
            {t('people.changed')}
          </button>
        )}
      </div>
      {query.isPending && <Loading />}
      {query.isError && !query.data && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && people.length === 0 && total > 0 && <NoMatch onClear={() => place.filter(cleared(filters))} />}
      {query.data && total === 0 && <p className="panel-note">{t(`people.none.${list}`)}</p>}
      {people.length > 0 && (
        <Rows
          list={list}
          people={people}
          rows={rows}
          fresh={fresh}
          shift={shift}
          onDepartment={(id) => place.filter({ dept: id })}
          onEnd={() => query.hasNextPage && !query.isFetching && void query.fetchNextPage()}
        />
      )}
    </>
  );
}

function filtersOf(task: TaskDetail, list: List, people: readonly Recipient[]): Filter[] {
  const path = (id: string) => people.flatMap((p) => p.departments).find((d) => d.dept_id === id)?.path || id;
  const codes = [...new Set(task.held.map((h) => h.code))];
  return [
    { key: 'q', label: t('people.search'), kind: 'text', max: 120 },
    ...(list === 'held'
      ? [
          {
            key: 'code',
            label: t('people.reason'),
            kind: 'choice' as const,
            options: codes.map((value) => ({ value, label: t('held.reason', { reason: reason(value), code: value }) })),
          },
        ]
      : []),
    { key: 'dept', label: t('people.department'), kind: 'row', name: path },
  ];
}

function Rows(props: {
  list: List;
  people: readonly Recipient[];
  rows: RefObject<HTMLDivElement | null>;
  fresh: ReadonlySet<string>;
  shift: boolean;
  onDepartment: (id: string) => void;
  onEnd: () => void;
}) {
  const { list, people } = props;
  return (
    <div className="people" ref={props.rows}>
      <div className="people-head only-desktop" aria-hidden="true">
        <span>{t('people.name')}</span>
        <span>{t('people.userid')}</span>
        <span>{t('people.job')}</span>
        <span>{t('people.department')}</span>
        <span>
          {list === 'read' ? t('people.readAt') : list === 'held' || list === 'invalid' ? t('people.reason') : ''}
        </span>
      </div>
      <WindowVirtualizer as="ul" item="li" shift={props.shift}>
        {people.map((one) => (
          <Person
            key={one.userid ?? one.given}
            one={one}
            fresh={one.userid !== null && props.fresh.has(one.userid)}
            onDepartment={props.onDepartment}
          />
        ))}
      </WindowVirtualizer>
      <End count={people.length} onNear={props.onEnd} />
    </div>
  );
}

/** Asks for more while the end is less than a page away. */
function End(props: { count: number; onNear: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  const near = useRef(props.onNear);
  near.current = props.onNear;
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at anew when more has come
  useEffect(() => {
    const watch = new IntersectionObserver(([e]) => e?.isIntersecting && near.current(), { rootMargin: '4000px' });
    if (end.current) {
      watch.observe(end.current);
    }
    return () => watch.disconnect();
  }, [props.count]);
  return <div ref={end} />;
}
