// A card as an inbox would show it, rendered by the server and drawn by the
// inbox's own code.

import { App } from 'antd';
import { memo, type ReactNode, useMemo } from 'react';
import type { Item } from '../../shared/api/client';
import type { components } from '../../shared/api/schema.gen';
import { Card } from '../../shared/card/card';
import { clicked } from '../../shared/card/clicks';
import { t } from '../../shared/words';
import type { Shown } from '../look/colors';
import '../../shared/card/card.css';
import '../../shared/card/markdown.css';
import '../../shared/card/actions.css';
import './preview.css';

export type Rendered = components['schemas']['Card'];

/** A card on the ground of a theme, as wide as on a device. */
export const Preview = memo(function Preview(props: {
  card: Rendered;
  theme: Shown;
  device?: 'phone' | 'desktop';
  /** What the picture is of, for who hears it. */
  label?: string;
  /** When it was sent; now if it was not. */
  sentAt?: string;
}) {
  const item = useMemo(() => itemOf(props.card, props.sentAt), [props.card, props.sentAt]);
  const { message } = App.useApp();
  return (
    <Ground theme={props.theme} device={props.device} label={props.label}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the links in the card are what is clicked */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a link that Enter opens is clicked too */}
      <div
        onClick={(e) => {
          const click = clicked(e.nativeEvent);
          if (click.to === 'leave' || click.to === 'side') {
            message.info(t('preview.leads', { host: click.host }));
          }
        }}
      >
        <Card item={item} unread={false} />
      </div>
    </Ground>
  );
});

function Ground(props: {
  theme: Shown;
  device: 'phone' | 'desktop' | undefined;
  label: string | undefined;
  children: ReactNode;
}) {
  return (
    <section
      className="preview"
      data-theme={props.theme}
      data-device={props.device ?? 'desktop'}
      aria-label={props.label ?? t('preview')}
    >
      {props.children}
    </section>
  );
}

function itemOf(card: Rendered, sentAt = new Date().toISOString()): Item {
  return {
    ...card,
    message_id: 'preview',
    task_id: '0',
    revision: '0',
    status_bar: null,
    sent_at: sentAt,
    read_at: null,
    recalled_at: null,
  };
}
