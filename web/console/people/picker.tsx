// Finds departments and people: level by level, or by a search. A department is
// chosen as a whole, with everybody below it.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { t } from '../../shared/words';
import { usePaused } from '../form/paused';
import { useOrg } from '../shell/session';
import { Failed, Loading } from '../shell/states';
import { DepartmentRow, PersonRow, type Picking } from './pickrows';
import type { Picks } from './picks';
import { type Department, departmentsQuery, foundDepartmentsQuery, foundPeopleQuery, membersQuery } from './queries';
import './people.css';

interface Props {
  picks: Picks;
  onAdd: (more: Partial<Picks>) => void;
  onRemove: (fewer: Partial<Picks>) => void;
  /** What is pasted where a name is searched; true where it is no name to search. */
  onPaste?: (text: string) => boolean;
}

const root = '1';

export function Picker(props: Props) {
  const [q, setQ] = useState('');
  const [path, setPath] = useState<readonly Department[]>([]);
  const asked = usePaused(q.trim());
  const picking: Picking = {
    ...props,
    onOpen: (d) => {
      setQ('');
      setPath(q.trim() === '' ? [...path, d] : [d]);
    },
  };
  return (
    <div className="picker">
      <Input
        type="search"
        aria-label={t('picker.search')}
        placeholder={t('picker.search')}
        prefix={<Search size={16} aria-hidden="true" />}
        maxLength={120}
        value={q}
        onChange={(e) => setQ(e.target.value)}
        onPaste={(e) => {
          if (props.onPaste?.(e.clipboardData.getData('text'))) {
            e.preventDefault();
          }
        }}
      />
      {q.trim() === '' ? <Level path={path} picking={picking} onGo={setPath} /> : <Found q={asked} picking={picking} />}
    </div>
  );
}

/** What is below a department: its departments, then its own people. */
function Level(props: { path: readonly Department[]; picking: Picking; onGo: (path: readonly Department[]) => void }) {
  const { path, picking } = props;
  const org = useOrg();
  const here = path.at(-1)?.dept_id ?? '';
  const departments = useInfiniteQuery(departmentsQuery(org, here));
  const people = useInfiniteQuery(membersQuery(org, here));
  const below = departments.data?.pages.flatMap((p) => p.items) ?? [];
  const members = people.data?.pages.flatMap((p) => p.items) ?? [];
  const failed = [departments, people].find((one) => one.isError && !one.data);
  useOnlyTop(path, below, departments.hasNextPage, props.onGo);
  const whole = path.at(-1);
  return (
    <>
      <Path path={path} onGo={props.onGo} />
      {failed && <Failed error={failed.error} onRetry={() => void failed.refetch()} />}
      {departments.isPending && <Loading />}
      {(below.length > 0 || whole) && (
        <ul className="picks" aria-label={t('picker.departments')}>
          {whole && whole.dept_id !== root && <DepartmentRow department={whole} picking={picking} isWhole />}
          {below.map((d) => (
            <DepartmentRow key={d.dept_id} department={d} picking={picking} />
          ))}
        </ul>
      )}
      <More of={departments} />
      {members.length > 0 && (
        <ul className="picks" aria-label={t('picker.people')}>
          {members.map((p) => (
            <PersonRow key={p.userid} person={p} picking={picking} />
          ))}
        </ul>
      )}
      <More of={people} />
      {here !== '' && departments.data && people.data && below.length + members.length === 0 && (
        <p className="picks-none">{t('people.none')}</p>
      )}
    </>
  );
}

/** Where the tree begins with one department, that one is open. */
function useOnlyTop(
  path: readonly Department[],
  below: readonly Department[],
  hasMore: boolean,
  onGo: (path: readonly Department[]) => void,
): void {
  const only = path.length === 0 && below.length === 1 && !hasMore ? below[0] : undefined;
  useEffect(() => {
    if (only) {
      onGo([only]);
    }
  }, [only, onGo]);
}

function Path(props: { path: readonly Department[]; onGo: (path: readonly Department[]) => void }) {
  const { path, onGo } = props;
  if (path.length === 0) {
    return null;
  }
  return (
    <nav className="picker-path" aria-label={t('picker.path')}>
      {path[0]?.parent_id !== null && (
        <button type="button" className="text-button" onClick={() => onGo([])}>
          {t('picker.top')}
        </button>
      )}
      {path.map((d, n) => (
        <span key={d.dept_id} className="picker-place">
          {(n > 0 || d.parent_id !== null) && <span aria-hidden="true">/</span>}
          {n === path.length - 1 ? (
            <span aria-current="location">{d.name}</span>
          ) : (
            <button type="button" className="text-button" onClick={() => onGo(path.slice(0, n + 1))}>
              {d.name}
            </button>
          )}
        </span>
      ))}
    </nav>
  );
}

function More({ of }: { of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  return (
    of.hasNextPage && (
      <Button block type="text" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {t('picker.more')}
      </Button>
    )
  );
}

/** Departments and people whose names have it. */
function Found({ q, picking }: { q: string; picking: Picking }) {
  const org = useOrg();
  const departments = useQuery(foundDepartmentsQuery(org, q));
  const people = useQuery(foundPeopleQuery(org, q));
  const failed = [departments, people].find((one) => one.isError);
  if (failed) {
    return <Failed error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (!departments.data || !people.data) {
    return <Loading />;
  }
  const none = departments.data.items.length + people.data.items.length === 0;
  const more = departments.data.next_after !== null || people.data.next_after !== null;
  return (
    <div aria-busy={departments.isFetching || people.isFetching}>
      <Group title={t('picker.departments')} count={departments.data.items.length}>
        {departments.data.items.map((d) => (
          <DepartmentRow key={d.dept_id} department={d} picking={picking} isFound />
        ))}
      </Group>
      <Group title={t('picker.people')} count={people.data.items.length}>
        {people.data.items.map((p) => (
          <PersonRow key={p.userid} person={p} picking={picking} isFound />
        ))}
      </Group>
      <p className="picks-none" role="status">
        {none ? t('picker.none') : more ? t('picker.moreFound') : ''}
      </p>
    </div>
  );
}

function Group(props: { title: string; count: number; children: ReactNode }) {
  return (
    props.count > 0 && (
      <>
        <h3 className="picks-title">{props.title}</h3>
        <ul className="picks" aria-label={props.title}>
          {props.children}
        </ul>
      </>
    )
  );
}
