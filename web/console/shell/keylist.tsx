// The keys of the console, on ?.

import { Modal } from 'antd';
import { useMemo, useState } from 'react';
import { t } from '../../shared/words';
import { useLetters } from './keys';
import { consolePages } from './pages';
import { useSession } from './session';

export function KeyList() {
  const { me } = useSession();
  const [open, setOpen] = useState(false);
  useLetters(useMemo(() => ({ '?': () => setOpen(true) }), []));
  const keys: [string, string][] = [
    ...consolePages
      .filter((p) => me.pages.includes(p.name))
      .map((p): [string, string] => [`g ${p.key}`, t(`page.${p.name}`)]),
    ...(me.pages.includes('compose') ? [['c', t('keys.compose')] as [string, string]] : []),
    ['⌘/Ctrl K', t('find')],
    ['/', t('keys.search')],
    ['j k', t('keys.row')],
    ['Enter', t('keys.open')],
    ['⌘/Ctrl S', t('keys.save')],
    ['Alt /', t('keys.insert')],
    ['⌘/Ctrl Enter', t('keys.send')],
    ['Esc', t('keys.close')],
    ['?', t('keys.list')],
  ];
  return (
    <Modal
      open={open}
      title={t('keys.list')}
      footer={null}
      onCancel={() => setOpen(false)}
      closable={{ 'aria-label': t('close') }}
    >
      <dl className="key-list">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
