// Marks everything as read that is shown: of all apps, or of the one whose
// messages are shown, which is named.

import { CheckCheck } from 'lucide-react';
import { useLayoutEffect, useRef } from 'react';
import { t } from '../shared/words';
import { unreadOf } from './above';
import type { App } from './filter';
import type { Inbox } from './model';
import type { State } from './state';

interface Props {
  state: State;
  inbox: Inbox;
  apps: readonly App[];
}

export function ReadAll(props: Props & { compact?: boolean }) {
  const { state, inbox, compact } = props;
  const { agent, badge } = state;
  if (unreadOf(badge, agent) === 0) {
    return null;
  }
  const name = sayOf(props.apps, agent, t('head.readAll'), 'head.readAllOf');
  return (
    <button
      type="button"
      className={compact ? 'icon-button read-all' : 'button quiet'}
      data-all="read"
      title={compact ? name : undefined}
      aria-label={name}
      onClick={() => inbox.readAll()}
    >
      <CheckCheck size={compact ? 22 : 18} aria-hidden="true" />
      {!compact && <span>{name}</span>}
    </button>
  );
}

/** Says that it was done, and takes it back; or that it failed, and tries again. */
export function Undo(props: Props) {
  const { state, inbox, apps } = props;
  const { all } = state.here;
  const failed = state.readAllFailed;
  return (
    <div className="toasts" role="status">
      {all && (
        <p className="toast">
          {sayOf(apps, all.agent, t('readAll.done'), 'readAll.doneOf')}
          <Focused onClick={() => inbox.undoReadAll()}>{t('readAll.undo')}</Focused>
        </p>
      )}
      {failed && (
        <p className="toast">
          {sayOf(apps, failed.agent, t('readAll.failed'), 'readAll.failedOf')}
          <button type="button" className="text-button" onClick={() => inbox.readAll(failed.agent)}>
            {t('retry')}
          </button>
        </p>
      )}
    </div>
  );
}

function sayOf(apps: readonly App[], agent: string | null, all: string, of: string): string {
  const app = apps.find((a) => a.agent_id === agent);
  return app ? t(of, { app: app.name }) : all;
}

// The button that was pressed goes away: this one takes its focus, and gives it
// to the one that comes back, else to the messages.
function Focused(props: { onClick: () => void; children: React.ReactNode }) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const own = button.current;
    if (document.activeElement === document.body) {
      own?.focus();
    }
    return () => {
      if (document.activeElement === own || document.activeElement === document.body) {
        queueMicrotask(returnFocus);
      }
    };
  }, []);
  return (
    <button type="button" className="text-button" ref={button} onClick={props.onClick}>
      {props.children}
    </button>
  );
}

function returnFocus(): void {
  const again = [...document.querySelectorAll<HTMLElement>('[data-all]')].find((b) => b.offsetParent !== null);
  (again ?? document.querySelector<HTMLElement>('.scroller'))?.focus({ preventScroll: true });
}
