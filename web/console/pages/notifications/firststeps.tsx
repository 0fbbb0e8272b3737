// What is shown in place of notifications while there is none: to those who run the
// organization, what to do first.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../../../shared/words';
import { appsQuery } from '../../shell/apps';
import { useOrg, useSession } from '../../shell/session';
import { Empty } from '../../shell/states';

export function FirstSteps() {
  const { me } = useSession();
  const { data: apps } = useQuery({
    ...appsQuery(useOrg()),
    select: ({ items, may }) => ({ count: items.length, may }),
  });
  if (!apps?.may.create || !apps.may.install) {
    return <Empty title={t('tasks.none')} text={t('tasks.noneText')} />;
  }
  return (
    <section className="first-steps">
      <h2>{t('first.title')}</h2>
      <p className="quiet">{t('first.text')}</p>
      <ol>
        <Step number={1} title={t('first.app')} text={t('first.appText')} done={apps.count > 0}>
          <p className="quiet only-phone">{t('first.appElsewhere')}</p>
          <Link to="/apps" className="text-button only-desktop">
            {t('first.apps')}
          </Link>
        </Step>
        <Step number={2} title={t('first.people')} text={t('first.peopleText')}>
          <code>tidings admin user import people.csv</code>
          <code>tidings admin sign-in-link --all</code>
        </Step>
        <Step number={3} title={t('first.send')} text={t('first.sendText')}>
          {me.pages.includes('compose') && (
            <Link to="/compose" className="text-button">
              {t('first.compose')}
            </Link>
          )}
        </Step>
      </ol>
    </section>
  );
}

function Step(props: { number: number; title: string; text: string; done?: boolean; children: ReactNode }) {
  return (
    <li>
      {props.done ? (
        <CircleCheck className="done" size={20} strokeWidth={1.75} role="img" aria-label={t('first.done')} />
      ) : (
        <span className="step-number" aria-hidden="true">
          {props.number}
        </span>
      )}
      <div>
        <h3>{props.title}</h3>
        <p className="quiet">{props.text}</p>
        {props.children}
      </div>
    </li>
  );
}
