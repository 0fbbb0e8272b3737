// What is shown to somebody who is not signed in, and before one session takes
// the place of another. Each screen has one action and says whom to ask.

import { useEffect, useState } from 'react';
import { signInHelp } from '../shared/account/contact';
import { PasteLink } from '../shared/account/pastelink';
import { t } from '../shared/words';
import { Notice } from './notice';
import { type Offer, pastedLink } from './session';
import { Ways } from './signin';
import type { Refusal, Way } from './ways';

export type Why = 'none' | 'link' | 'ended' | 'left';

/** Nobody is signed in: what the organization offers helps, or a sign-in link, wherever it was received. */
export function SignedOut(props: {
  why: Why;
  /** Why somebody who came back from a provider is not signed in. */
  refusal: Refusal | null;
  ways: readonly Way[];
  contact: string;
  onLink: (link: string) => void;
  onGone: () => void;
}) {
  const { refusal, ways } = props;
  const paste = (
    <PasteLink
      label={t('out.paste')}
      example={`${location.origin}/#sign-in=…`}
      go={t('out.signIn')}
      wrong={t('out.pasteWrong')}
      read={pastedLink}
      onLink={props.onLink}
    />
  );
  const offers = ways.length > 0;
  return (
    <Notice {...said(props.why, refusal, offers)}>
      {refusal?.code === 'signin_waiting' && <Code refusal={refusal} />}
      {offers ? (
        <>
          <Ways ways={ways} refusal={refusal} onGone={props.onGone} />
          <details className="out-link">
            <summary>{t('out.byLink')}</summary>
            {paste}
          </details>
        </>
      ) : (
        paste
      )}
      <Contact known={props.contact} offers={offers} />
    </Notice>
  );
}

/** What the page says first. */
function said(why: Why, refusal: Refusal | null, offers: boolean): { title: string; text: string } {
  if (refusal !== null) {
    const { code, ...values } = refusal;
    return { title: t(`refused.${code}.title`, { ...values }), text: t(`refused.${code}.text`, { ...values }) };
  }
  return { title: t(`out.${why}.title`), text: t(offers ? `out.${why}.choose` : `out.${why}.text`) };
}

/** What an administrator needs to link somebody's account with them: it is read aloud or sent to them. */
function Code({ refusal }: { refusal: Refusal }) {
  return (
    <p className="out-code">
      <span>{t('refused.code')}</span> <code>{refusal.ref}</code>
    </p>
  );
}

function Contact(props: { known: string; offers: boolean }) {
  const [contact, setContact] = useState(props.known);
  useEffect(() => {
    if (contact === '') {
      signInHelp().then(
        (help) => (help.setup ? location.replace('/setup') : setContact(help.contact)),
        () => undefined, // the general sentence stays
      );
    }
  }, [contact]);
  const text = props.offers
    ? contact === ''
      ? t('out.help')
      : t('out.helpWhom', { contact })
    : contact === ''
      ? t('out.ask')
      : t('out.askWhom', { contact });
  return <p className="contact">{text}</p>;
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
