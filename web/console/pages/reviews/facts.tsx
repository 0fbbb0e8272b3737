// What there is to know beside what is written: where links lead, what became
// of the parameters, and what linting finds.

import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import type { components } from '../../../shared/api/schema.gen';
import { t } from '../../../shared/words';
import { Failed } from '../../shell/states';
import { Findings } from '../templates/findings';
import { type At, factsQuery, lintQuery } from './queries';
import './facts.css';

type Host = components['schemas']['LinkHost'];

export function Facts({ at }: { at: At }) {
  const lint = useQuery(lintQuery(at));
  const facts = useQuery(factsQuery(at));
  const failed = [lint, facts].find((q) => q.isError && !q.data);
  return (
    <section className="panel" aria-label={t('facts')}>
      <div className="panel-head">
        <h2>{t('facts')}</h2>
      </div>
      {failed && <Failed error={failed.error} onRetry={() => void failed.refetch()} />}
      {facts.data && <FactList facts={facts.data} />}
      {lint.data &&
        (lint.data.findings.length === 0 ? (
          <p className="panel-text">{t('facts.checked')}</p>
        ) : (
          <Findings findings={lint.data.findings} />
        ))}
    </section>
  );
}

/** Where links lead and what became of the parameters, beside the live version. */
export function FactList({ facts }: { facts: components['schemas']['ReviewFacts'] }) {
  return (
    <>
      <dl className="fact-list">
        <Fact name={t('facts.hosts')}>
          {facts.hosts.length === 0 ? t('facts.noHosts') : <Hosts hosts={facts.hosts} />}
        </Fact>
        {facts.parameter_hosts.map((p) => (
          <Fact key={p.parameter} name={t('facts.hostBy', { name: p.parameter })}>
            <Hosts hosts={p.hosts} />
          </Fact>
        ))}
        <Names name={t('facts.added')} names={facts.parameters_added} />
        <Names name={t('facts.removed')} names={facts.parameters_removed} />
      </dl>
      {facts.against !== null && <p className="panel-text">{t('facts.against', { n: facts.against })}</p>}
    </>
  );
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Names(props: { name: string; names: readonly string[] }) {
  return (
    props.names.length > 0 && (
      <Fact name={props.name}>
        {props.names.map((n) => (
          <code key={n}>{n}</code>
        ))}
      </Fact>
    )
  );
}

function Hosts(props: { hosts: readonly Host[] }) {
  return props.hosts.map((h) => (
    <span key={h.host} className="host">
      <code>{h.host}</code>
      {h.new ? (
        <strong className="host-new">{t('facts.new')}</strong>
      ) : (
        <Check size={14} role="img" aria-label={t('facts.known')} />
      )}
    </span>
  ));
}
