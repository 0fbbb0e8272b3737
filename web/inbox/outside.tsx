// What is shown to somebody who is not signed in, and before one session takes
// the place of another. Each screen has one action and says whom to ask.

import { useEffect, useState } from 'react';
import { signInHelp } from '../shared/account/contact';
import { PasteLink } from '../shared/account/pastelink';
import { t } from '../shared/words';
import { Notice } from './notice';
import { type Offer, pastedLink } from './session';

export type Why = 'none' | 'link' | 'ended' | 'left';

/** Nobody is signed in: a sign-in link is what helps, wherever it was received. */
export function SignedOut(props: { why: Why; contact: string; onLink: (link: string) => void }) {
  return (
    <Notice title={t(`out.${props.why}.title`)} text={t(`out.${props.why}.text`)}>
      <PasteLink
        label={t('out.paste')}
        example={`${location.origin}/#sign-in=…`}
        go={t('out.signIn')}
        wrong={t('out.pasteWrong')}
        read={pastedLink}
        onLink={props.onLink}
      />
      <Contact known={props.contact} />
    </Notice>
  );
}

function Contact(props: { known: string }) {
  const [contact, setContact] = useState(props.known);
  useEffect(() => {
    if (contact === '') {
      signInHelp().then(
        (help) => (help.setup ? location.replace('/setup') : setContact(help.contact)),
        () => undefined, // the general sentence stays
      );
    }
  }, [contact]);
  return <p className="contact">{contact === '' ? t('out.ask') : t('out.askWhom', { contact })}</p>;
}

/** Two people, one browser: which of them goes on. The link is not used before that is said. */
export function Switching(props: { offer: Offer; onStay: () => void; onSwitch: () => void }) {
  const { link, current } = props.offer;
  const values = { current: current?.name ?? '', next: link.name, organization: link.organization_name };
  return (
    <Notice title={t('switch.title')} text={t('switch.text', values)}>
      <div className="notice-choices">
        <button type="button" className="button primary" onClick={props.onStay}>
          {t('switch.stay', values)}
        </button>
        <button type="button" className="button" onClick={props.onSwitch}>
          {t('switch.go', values)}
        </button>
      </div>
      <p className="contact">{t('switch.warning', values)}</p>
    </Notice>
  );
}
