// Before somebody signs out: what it takes to come back.

import { useEffect, useState } from 'react';
import type { Membership } from '../shared/account/membership';
import { Confirm } from '../shared/look/confirm';
import { t } from '../shared/words';
import { waysOf } from './ways';

export function SigningOut(props: { current: Membership; onConfirm: () => void; onClose: () => void }) {
  const { name, corp_id: corpID, contact } = props.current;
  const [needsLink, setNeedsLink] = useState(false);
  useEffect(() => {
    waysOf(corpID).then(
      (ways) => setNeedsLink(ways.length === 0),
      () => setNeedsLink(true), // better to say too much
    );
  }, [corpID]);
  return (
    <Confirm
      title={t('signOut.title', { organization: name })}
      action={t('account.signOut')}
      onConfirm={props.onConfirm}
      onClose={props.onClose}
    >
      <p className="dialog-text">{t('signOut.text')}</p>
      {needsLink && (
        <p className="dialog-text">
          {t('signOut.link')} {contact === '' ? t('out.ask') : t('out.askWhom', { contact })}
        </p>
      )}
    </Confirm>
  );
}
