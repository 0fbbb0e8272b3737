import { memo, useLayoutEffect, useRef } from 'react';
import type { Item } from '../api/client';
import { Avatar } from '../look/avatar';
import { sanitizedByServer } from '../trusted';
import { t, useLanguage } from '../words';
import { clock, moment } from '../words/time';
import { enhance } from './enhance';

/**
 * One message: who sent it and when, then the card the server has rendered.
 * A card that is joined to the one above leaves its head to that one.
 */
export const Card = memo(function Card(props: { item: Item; unread: boolean; joined?: boolean }) {
  const { item, unread, joined = false } = props;
  const language = useLanguage();
  if (item.recalled_at !== null) {
    return <Tombstone item={item} />;
  }
  const sent = new Date(item.sent_at);
  return (
    <article
      className="card"
      data-type={item.type}
      data-unread={unread}
      data-joined={joined}
      aria-label={label(item, unread)}
    >
      <Strip item={item}>
        <Avatar name={item.app.name} icon={item.app.icon} />
        <span className="card-app">{item.app.name}</span>
        <time className="card-time" dateTime={item.sent_at} title={moment(sent)}>
          {clock(sent)}
        </time>
      </Strip>
      <Content key={language} item={item} />
    </article>
  );
});

function label(item: Item, unread: boolean): string {
  const said = t('card.label', { app: item.app.name, title: item.title || item.preview });
  return unread ? `${t('card.unread')}. ${said}` : said;
}

// The head of an oa card has the sender's colour; it is the card's own head
// here, since both would name the same app.
function Strip(props: { item: Item; children: React.ReactNode }) {
  const ref = useRef<HTMLElement>(null);
  const { html } = props.item;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the head is in the HTML
  useLayoutEffect(() => {
    const strip = ref.current;
    const head = strip?.nextElementSibling?.querySelector<HTMLElement>('.td-head[data-color]');
    if (!strip || !head) {
      return;
    }
    strip.dataset.color = 'true';
    const look = strip.parentElement?.style; // of the whole card: a joined one shows the colour without its head
    look?.setProperty('--sent', `#${head.dataset.color}`);
    look?.setProperty('--ink', `#${head.dataset.ink}`);
    look?.setProperty('--ink-dark', `#${head.dataset.inkDark}`);
  }, [html]);
  return (
    <header className="card-head" ref={ref}>
      {props.children}
    </header>
  );
}

// Only a change of the HTML puts it in anew: a player goes on playing while
// the message is marked as read.
const Content = memo(
  function Content({ item }: { item: Item }) {
    const ref = useRef<HTMLDivElement>(null);
    // biome-ignore lint/correctness/useExhaustiveDependencies: see above
    useLayoutEffect(() => {
      if (ref.current) {
        enhance(ref.current, item);
      }
    }, [item.html]);
    // biome-ignore lint/security/noDangerouslySetInnerHtml: the server has sanitized it, and the policy asks for it
    return <div ref={ref} className="card-body" dangerouslySetInnerHTML={{ __html: sanitizedByServer(item.html) }} />;
  },
  (a, b) => a.item.html === b.item.html,
);

function Tombstone({ item }: { item: Item }) {
  const sent = new Date(item.sent_at);
  return (
    <p className="tombstone">
      <span>{t('card.recalled', { app: item.app.name })}</span>
      <time dateTime={item.sent_at} title={moment(sent)}>
        {clock(sent)}
      </time>
    </p>
  );
}
