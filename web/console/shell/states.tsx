// What a page, or a part of it, shows instead of its content.

import { Button, Skeleton } from 'antd';
import { CircleAlert, Copy, Inbox, Lock, SearchX } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Refused } from '../../shared/api/client';
import { t } from '../../shared/words';
import { Heading } from './heading';
import { type ConsolePage, rolesOf } from './pages';
import { refusalText } from './refusal';
import { anyOf, roleNames } from './roles';
import { useSession } from './session';

/** Grey lines, once something has taken 200 ms. */
export function Loading() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status" aria-label={t('loading')}>
      {late && <Skeleton active title={{ width: '30%' }} paragraph={{ rows: 6 }} />}
    </div>
  );
}

/** A notice with a sign, a text and what to do. */
export function Notice(props: {
  icon: ReactNode;
  title: string;
  /** The title is the page's. */
  page?: boolean;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <section className="state">
      {props.icon}
      {props.page ? <Heading>{props.title}</Heading> : <h2>{props.title}</h2>}
      {props.text && <p>{props.text}</p>}
      {props.children && <div className="state-actions">{props.children}</div>}
    </section>
  );
}

/** A failure: what, what to do, the number to tell, and again. Nothing there reads as nothing there. */
export function Failed(props: { error: unknown; onRetry: () => void; page?: boolean }) {
  const { error } = props;
  if (error instanceof Refused && error.status === 404) {
    return <NotFound />;
  }
  const id = error instanceof Refused ? error.problem?.request_id : undefined;
  return (
    <Notice
      icon={<CircleAlert size={36} strokeWidth={1.5} aria-hidden="true" />}
      title={t('failed.title')}
      text={refusalText(error)}
      page={props.page ?? false}
    >
      <Button type="primary" onClick={props.onRetry}>
        {t('retry')}
      </Button>
      {id && <CopyID id={id} />}
    </Notice>
  );
}

function CopyID(props: { id: string }) {
  const [done, setDone] = useState(false);
  const copy = () => void navigator.clipboard.writeText(props.id).then(() => setDone(true));
  return (
    <span className="request-id">
      {t('failed.id')} <code>{props.id}</code>
      <button type="button" className="icon-button" aria-label={t('failed.copy')} onClick={copy}>
        <Copy size={16} aria-hidden="true" />
      </button>
      <span role="status">{done ? t('copied') : ''}</span>
    </span>
  );
}

/** Nothing is here yet: what it is, and what to do first. */
export function Empty(props: { title: string; text?: string; children?: ReactNode }) {
  return (
    <Notice icon={<Inbox size={36} strokeWidth={1.5} aria-hidden="true" />} {...props}>
      {props.children}
    </Notice>
  );
}

/** Nothing matches the filters. */
export function NoMatch(props: { onClear: () => void }) {
  return (
    <Notice icon={<SearchX size={36} strokeWidth={1.5} aria-hidden="true" />} title={t('list.noMatch')}>
      <Button onClick={props.onClear}>{t('list.clear')}</Button>
    </Notice>
  );
}

/** One's roles do not open this page, or any. */
export function NoPermission(props: { page?: ConsolePage }) {
  const { me, current } = useSession();
  return (
    <Notice
      icon={<Lock size={36} strokeWidth={1.5} aria-hidden="true" />}
      title={props.page ? t('denied.title', { page: t(`page.${props.page.name}`) }) : t('denied.all')}
      page
      text={
        <>
          {props.page && (
            <>
              {t('denied.open', { roles: roleNames(rolesOf(props.page)) })}
              <br />
            </>
          )}
          {t('denied.have', { roles: roleNames(me.roles) })}
          <br />
          {me.granters.length > 0 && (
            <>
              {t('denied.granters', { people: anyOf(me.granters.map((g) => g.name)) })}
              <br />
            </>
          )}
          {current.contact !== '' && t('denied.askWhom', { contact: current.contact })}
          {current.contact === '' && me.granters.length === 0 && t('denied.ask')}
        </>
      }
    />
  );
}

/** Gone, never there, or another's: it reads the same. */
export function NotFound() {
  return (
    <Notice
      icon={<SearchX size={36} strokeWidth={1.5} aria-hidden="true" />}
      title={t('missing.title')}
      text={t('missing.text')}
      page
    />
  );
}
