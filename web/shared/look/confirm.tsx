import type { ReactNode } from 'react';
import { t } from '../words';
import { Dialog } from './dialog';

/** Asks before something that cannot be undone. What is asked about is on the button. */
export function Confirm(props: {
  title: string;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={props.onClose}>
          {t('cancel')}
        </button>
        <button type="button" className="button danger" onClick={props.onConfirm}>
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}
