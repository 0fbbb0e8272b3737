// What opens over the stream: a foreign host's name before one goes there, a
// page beside the stream.

import { ExternalLink, X } from 'lucide-react';
import { useLayoutEffect, useRef } from 'react';
import { useBack } from '../shared/look/back';
import { Dialog } from '../shared/look/dialog';
import { t } from '../shared/words';

/** Names the host of a link that nobody vouches for. */
export function Leaving(props: { host: string; address: string; onClose: () => void }) {
  return (
    <Dialog title={t('leaving.title')} onClose={props.onClose}>
      <p className="dialog-text">{t('leaving.text')}</p>
      <p className="leaving-host">{props.host}</p>
      <p className="leaving-address">{props.address}</p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={props.onClose}>
          {t('leaving.stay')}
        </button>
        <a
          className="button primary"
          href={props.address}
          target="_blank"
          rel="noopener noreferrer nofollow"
          onClick={props.onClose}
        >
          {t('leaving.go')}
        </a>
      </div>
    </Dialog>
  );
}

/** A page of a trusted host beside the stream. It may refuse to be framed, so a way out is always there. */
export function Side(props: {
  host: string;
  address: string;
  onClose: () => void;
  /** Told of the window inside, before the page in it can speak. */
  onFrame: (frame: Window) => void;
  /** Opens the page in a tab in a way of its own; undefined: as any link. */
  onTab: (() => void) | undefined;
}) {
  const { onClose } = props;
  const panel = useRef<HTMLElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  useBack(onClose);
  useAlone(panel);
  // Before it is drawn: the next key may be pressed at once.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    close.current?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) {
        opener.focus({ preventScroll: true });
      }
    };
  }, []);
  useLayoutEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.key === 'Escape' && !document.querySelector('dialog[open], .menu')) {
        onClose();
      }
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, [onClose]);
  return (
    <aside className="side" ref={panel} aria-label={t('side.label', { host: props.host })}>
      <header className="side-head">
        <span className="side-host">{props.host}</span>
        <a
          className="text-button"
          href={props.address}
          target="_blank"
          rel="noopener noreferrer nofollow"
          onClick={(e) => {
            if (props.onTab) {
              e.preventDefault();
              props.onTab();
            }
          }}
        >
          <ExternalLink size={16} aria-hidden="true" />
          {t('side.open')}
        </a>
        <button type="button" className="icon-button" aria-label={t('close')} ref={close} onClick={onClose}>
          <X size={20} aria-hidden="true" />
        </button>
      </header>
      <iframe
        key={props.address}
        ref={(frame) => {
          if (frame?.contentWindow) {
            props.onFrame(frame.contentWindow);
          }
        }}
        src={props.address}
        title={props.host}
        referrerPolicy="no-referrer"
        sandbox="allow-scripts allow-forms allow-same-origin allow-popups allow-downloads"
      />
      <p className="side-note">{t('side.note')}</p>
    </aside>
  );
}

// On a phone the panel lies over everything else, which is out of reach then.
// Undone before the focus goes back: effects end in the order they began.
function useAlone(panel: React.RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const rest = [...(panel.current?.parentElement?.children ?? [])].filter((e) => e !== panel.current);
    const narrow = matchMedia('(max-width: 719.98px)');
    const set = (alone: boolean) => {
      for (const e of rest) {
        e.toggleAttribute('inert', alone);
      }
    };
    const changed = () => set(narrow.matches);
    changed();
    narrow.addEventListener('change', changed);
    return () => {
      narrow.removeEventListener('change', changed);
      set(false);
    };
  }, [panel]);
}
