// The Work Notifications chat of one organization.

import { X } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Membership } from '../shared/account/membership';
import type { Item } from '../shared/api/client';
import type { Click } from '../shared/card/clicks';
import type { Follow } from '../shared/live/follow';
import { t, useLanguage } from '../shared/words';
import { Announce } from './announce';
import { badgeText } from './badge';
import { HeadDay } from './day';
import { type App, Filter } from './filter';
import { useHealing, useOnline } from './heal';
import { toStream } from './keys';
import { Inbox } from './model';
import { Notice, Skeleton } from './notice';
import { Leaving, Side } from './overlays';
import { Pages } from './pages';
import { go, keepSeen, lastSeen, place } from './place';
import { ReadAll, Undo } from './readall';
import { appsOf, serverOf } from './server';
import type { State } from './state';
import { Stream } from './stream';
import { showInTab } from './title';
import { Picture } from './viewer';

interface Props {
  membership: Membership;
  follow: Follow;
  account: React.ReactNode;
  onEnded: () => void;
  /** What happened on the way here; '' for nothing. */
  said: string;
}

export function Chat(props: Props) {
  const { membership, follow, onEnded } = props;
  const inbox = useInbox(membership, follow);
  const state = useSyncExternalStore(inbox.subscribe, inbox.snapshot);
  const apps = useApps(membership.corp_id, state);
  const [click, setClick] = useState<Click>({ to: 'nothing' });
  const [day, setDay] = useState('');
  const pages = useMemo(() => new Pages(membership.corp_id), [membership.corp_id]);
  useEffect(() => pages.listen(), [pages]);
  const [agent, setAgent] = useState(''); // whose card was clicked
  const onClick = useCallback(
    (next: Click, item: Item) => {
      if (next.to === 'page') {
        pages.open(item.app.agent_id, next.address);
      } else if (next.to === 'leave' || next.to === 'picture' || next.to === 'side') {
        setAgent(item.app.agent_id);
        setClick(next);
      }
    },
    [pages],
  );
  const close = useCallback(() => setClick({ to: 'nothing' }), []);
  const language = useLanguage();
  useHealing(state.phase === 'failed', () => inbox.heal());
  useHealing(state.older === 'failed', () => inbox.loadOlder());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the title is in the reader's language
  useEffect(() => showInTab(state.badge.count), [state.badge.count, language]);
  useEffect(() => {
    if (state.phase === 'ended') {
      onEnded();
    }
  }, [state.phase, onEnded]);

  const choose = (agent: string | null) => {
    if (agent !== state.agent) {
      go({ corpID: membership.corp_id, agent }, 'push');
      setClick({ to: 'nothing' });
      inbox.show(agent);
    }
  };
  useEffect(() => {
    const popped = () => {
      const { corpID, agent } = place();
      if (corpID === membership.corp_id) {
        inbox.show(agent);
      }
    };
    addEventListener('popstate', popped);
    return () => removeEventListener('popstate', popped);
  }, [inbox, membership.corp_id]);
  const name = apps.find((a) => a.agent_id === state.agent)?.name ?? t('title');
  return (
    <div className="chat" data-side={click.to === 'side'}>
      <button type="button" className="skip" onClick={toStream}>
        {t('stream.skip')}
      </button>
      <header className="column">
        <div className="brand">
          <img src="/assets/icons/mark.svg" alt="" width={28} height={28} />
          <div className="brand-names">
            <h1 title={membership.name}>{membership.name}</h1>
            <span className="brand-page">
              {t('title')}
              <HeadDay at={day} />
            </span>
          </div>
        </div>
        <ReadAll state={state} inbox={inbox} apps={apps} compact />
        <Filter apps={apps} agent={state.agent} badge={state.badge} onChoose={choose} />
        {props.account}
      </header>
      <main className="main">
        <Head state={state} name={name} inbox={inbox} apps={apps} day={day} />
        <Live state={state} />
        {props.said && <Said text={props.said} />}
        <Body state={state} inbox={inbox} onClick={onClick} onDay={setDay} />
        <Announce arrived={state.arrived} />
        <Undo state={state} inbox={inbox} apps={apps} />
      </main>
      {click.to === 'side' && (
        <Side
          host={click.host}
          address={click.address}
          onClose={close}
          onFrame={(frame) => click.page && pages.keep(frame, agent, click.address)}
          onTab={click.page ? () => pages.open(agent, click.address) : undefined}
        />
      )}
      {click.to === 'leave' && <Leaving host={click.host} address={click.address} onClose={close} />}
      {click.to === 'picture' && <Picture source={click.source} text={click.text} onClose={close} />}
    </div>
  );
}

// What happened on the way here, until it is closed.
function Said(props: { text: string }) {
  const [shown, setShown] = useState(true);
  if (!shown) {
    return null;
  }
  return (
    <p className="used-link" role="status">
      <span>{props.text}</span>
      <button type="button" className="icon-button" aria-label={t('close')} onClick={() => setShown(false)}>
        <X size={18} aria-hidden="true" />
      </button>
    </p>
  );
}

// On a phone its room is needed, and the column says the same.
function Head(props: { state: State; name: string; inbox: Inbox; apps: readonly App[]; day: string }) {
  const { state, inbox } = props;
  const count = badgeText(state.badge.count);
  return (
    <header className="head">
      <h2>
        {props.name}
        {state.agent === null && count && <span className="head-count">{t('head.unread', { text: count })}</span>}
      </h2>
      <HeadDay at={props.day} />
      <ReadAll state={state} inbox={inbox} apps={props.apps} />
    </header>
  );
}

function Body(props: {
  state: State;
  inbox: Inbox;
  onClick: (click: Click, item: Item) => void;
  onDay: (at: string) => void;
}) {
  const { state, inbox } = props;
  switch (state.phase) {
    case 'loading':
      return <Skeleton label={t('loading')} />;
    case 'failed':
      return (
        <Notice inside title={t('failed.title')} text={t('failed.text')}>
          <button type="button" className="button primary" onClick={() => inbox.retry()}>
            {t('retry')}
          </button>
        </Notice>
      );
    default:
      return state.timeline.items.length === 0 && state.timeline.older === null ? (
        <Notice inside title={t('empty.title')} text={t(state.agent === null ? 'empty.text' : 'empty.app')} />
      ) : (
        <Stream key={state.agent} inbox={inbox} state={state} onClick={props.onClick} onDay={props.onDay} />
      );
  }
}

// Says that the network is gone, at once; that the connection is lost, once it has been for a moment.
function Live({ state }: { state: State }) {
  const online = useOnline();
  const lost = state.phase === 'ready' && state.live === 'waiting';
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(lost), lost ? 1500 : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  const shown = late || !online;
  return (
    <p className="live" role="status" data-shown={shown}>
      {shown ? t(online ? 'live.waiting' : 'live.offline') : ''}
    </p>
  );
}

function useInbox(membership: Membership, follow: Follow): Inbox {
  const { corp_id: corpID, userid } = membership;
  const inbox = useMemo(
    () => new Inbox(corpID, serverOf(corpID), follow, place().agent, lastSeen(corpID, userid)),
    [corpID, userid, follow],
  );
  useEffect(() => {
    inbox.start();
    const keep = () => keepSeen(corpID, userid, inbox.snapshot().timeline.revision);
    // At once, too: a page that ends in a hurry is not told that it leaves.
    const forget = inbox.subscribe(() => document.hasFocus() && document.visibilityState === 'visible' && keep());
    const leaving = () => {
      if (document.visibilityState === 'hidden') {
        keep();
        inbox.away();
      } else {
        inbox.back();
      }
    };
    const gone = () => {
      leaving();
      inbox.lastWords();
    };
    document.addEventListener('visibilitychange', leaving);
    addEventListener('pagehide', gone);
    return () => {
      document.removeEventListener('visibilitychange', leaving);
      removeEventListener('pagehide', gone);
      forget();
      inbox.stop();
    };
  }, [inbox, corpID, userid]);
  return inbox;
}

// Asked for again when somebody new has sent something.
function useApps(corpID: string, state: State): readonly App[] {
  const [apps, setApps] = useState<readonly App[]>([]);
  const newest = state.timeline.items.at(-1)?.app.agent_id ?? '';
  const unknown = newest !== '' && !apps.some((a) => a.agent_id === newest);
  // biome-ignore lint/correctness/useExhaustiveDependencies: unknown senders are the reason to ask again
  useEffect(() => {
    let current = true;
    appsOf(corpID).then(
      (all) => current && setApps(all),
      () => undefined, // the stream says what is wrong, and works without the list
    );
    return () => {
      current = false;
    };
  }, [corpID, unknown && newest]);
  return apps;
}
