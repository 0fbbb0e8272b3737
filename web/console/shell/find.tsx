// ⌘K: leads to a notification by its id, and to templates and apps by what they
// are called. It offers only what one may open.

import { Modal } from 'antd';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../shared/words';
import { FindField } from './findfield';
import { useSession } from './session';

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

export function Find() {
  const { me } = useSession();
  const [open, setOpen] = useState(false);
  const [went, setWent] = useState(false);
  const show = () => {
    setWent(false);
    setOpen(true);
  };
  const useful = me.pages.some((page) => page === 'notifications' || page === 'templates' || page === 'apps');
  useFindKey(useful, show);
  if (!useful) {
    return null;
  }
  return (
    <>
      <button
        type="button"
        className="header-button header-link"
        aria-haspopup="dialog"
        aria-keyshortcuts="Meta+K Control+K"
        onClick={show}
      >
        <Search size={18} strokeWidth={1.75} aria-hidden="true" />
        <span className="unseen">{t('find')}</span>
        <kbd className="only-desktop">{mac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <Modal
        className="find-dialog"
        open={open}
        title={t('find')}
        footer={null}
        destroyOnHidden
        focusable={{ focusTriggerAfterClose: !went }} // the page that is gone to takes the focus
        onCancel={() => setOpen(false)}
        closable={{ 'aria-label': t('close') }}
      >
        <FindField
          onGo={() => {
            setWent(true);
            setOpen(false);
          }}
        />
      </Modal>
    </>
  );
}

/** ⌘K, or Ctrl+K, anywhere but in what lies over the page, or in a field that has a use for it. */
function useFindKey(on: boolean, find: () => void): void {
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      const over = e.target instanceof Element && e.target.closest('[role="dialog"]');
      if (on && e.key.toLowerCase() === 'k' && (e.metaKey || e.ctrlKey) && !e.altKey && !e.defaultPrevented && !over) {
        e.preventDefault();
        find();
      }
    };
    document.addEventListener('keydown', down);
    return () => document.removeEventListener('keydown', down);
  });
}
