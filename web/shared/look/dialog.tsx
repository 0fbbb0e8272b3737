import { X } from 'lucide-react';
import { type ReactNode, type RefObject, useId, useLayoutEffect, useRef } from 'react';
import { t } from '../words';
import { useBack } from './back';

/** A modal dialog. Escape, Back, a click beside it and its button close it. */
export function Dialog(props: { title: string; wide?: boolean; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useId();
  useBack(() => ref.current?.close());
  useModal(ref);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={ref}
      className={props.wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={title}
      onClose={props.onClose}
      onClick={(e) => e.target === ref.current && ref.current?.close()}
    >
      <div className="dialog-box">
        <div className="dialog-head">
          <h2 id={title}>{props.title}</h2>
          <button type="button" className="icon-button" aria-label={t('close')} onClick={() => ref.current?.close()}>
            <X size={20} aria-hidden="true" />
          </button>
        </div>
        {props.children}
      </div>
    </dialog>
  );
}

/**
 * Opens a dialog that is drawn. One that is no longer drawn was never closed, so
 * the browser does not give the focus back to what had it before.
 */
export function useModal(ref: RefObject<HTMLDialogElement | null>): void {
  // Before it is drawn: the next key may be pressed at once.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    ref.current?.showModal();
    const back = () => {
      if (opener instanceof HTMLElement && opener.isConnected && document.activeElement === document.body) {
        opener.focus({ preventScroll: true });
      }
    };
    return () => queueMicrotask(back); // once it is out of the document
  }, [ref]);
}
