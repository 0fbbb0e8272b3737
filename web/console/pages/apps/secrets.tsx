// The secrets of an app: who made them, when they were last used. A value is
// shown once, when it is made.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App as Antd, Button, Modal } from 'antd';
import { Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { ago } from '../../list/ago';
import { Status } from '../../list/status';
import { Age, When } from '../../list/when';
import { refusalText } from '../../shell/refusal';
import { Failed, Loading } from '../../shell/states';
import { Fact, Facts, ID } from './facts';
import { type App, type At, addSecret, endSecret, type Secret, type SuiteTicket, secretsQuery } from './queries';
import { SecretOnce } from './secretonce';

/** So many may be active: programs move from one to the other without a pause. */
const most = 2;

export function SecretsTab({ at, app }: { at: At; app: App }) {
  const label = useId();
  const queries = useQueryClient();
  const { message } = Antd.useApp();
  const query = useQuery(secretsQuery(at));
  const [ending, setEnding] = useState<Secret | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: secretsQuery(at).queryKey });
  const add = useMutation({
    mutationFn: () => addSecret(at),
    onSettled: refresh,
    onError: (e) =>
      void message.error(e instanceof Refused && e.code === 'conflict' ? t('secret.full') : refusalText(e)),
  });
  if (query.isError && !query.data) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  const items = query.data.items.toReversed(); // the newest first
  const active = items.filter((s) => s.ended_at === null);
  const isFull = active.length >= most;
  return (
    <div className="app-parts">
      <section className="panel app-part" aria-labelledby={label}>
        <div className="panel-head">
          <h2 id={label}>{t('secret.title')}</h2>
          <Button
            className="only-desktop"
            icon={<Plus size={16} aria-hidden="true" />}
            disabled={isFull}
            loading={add.isPending}
            onClick={() => add.mutate()}
          >
            {t('secret.new')}
          </Button>
        </div>
        <p className="panel-text">{isFull ? t('secret.full') : t('secret.text')}</p>
        {items.length === 0 && <p className="panel-text">{t('secret.none')}</p>}
        <ul className="secrets" aria-label={t('secret.title')}>
          {items.map((secret) => (
            <SecretRow key={secret.secret_id} secret={secret} onEnd={() => setEnding(secret)} />
          ))}
        </ul>
      </section>
      {query.data.suite_ticket && <Suite app={app} ticket={query.data.suite_ticket} />}
      {add.data && (
        <SecretOnce
          title={t('secret.made', { name: app.name })}
          secret={add.data.secret}
          done={t('secret.done')}
          onDone={add.reset}
        />
      )}
      {ending && (
        <End
          at={at}
          secret={ending}
          isLast={active.length === 1}
          onClose={() => setEnding(null)}
          onEnded={() => void refresh()}
        />
      )}
    </div>
  );
}

/** What a third-party app takes tokens with, beside a secret. */
function Suite({ app, ticket }: { app: App; ticket: SuiteTicket }) {
  return (
    <Facts title={t('suite.title')} text={t(ticket.accepts_any ? 'suite.anyTicket' : 'suite.newest')}>
      <ID label={t('suite.key')} id={app.app_key} />
      <Fact label={t('suite.ticket')}>
        <span>
          {t('suite.ticketMade')} <Age since={ticket.created_at} />
        </span>
      </Fact>
    </Facts>
  );
}

function SecretRow({ secret, onEnd }: { secret: Secret; onEnd: () => void }) {
  const { ended_at: ended, created_by: by } = secret;
  return (
    <li className="secret-row" data-ended={ended !== null}>
      <Status tone={ended === null ? 'good' : 'none'}>{t(ended === null ? 'secret.active' : 'secret.ended')}</Status>
      <span className="secret-facts">
        <span>
          {by?.name ? t('secret.by', { name: by.name }) : t('secret.byOperator')} · <When at={secret.created_at} />
        </span>
        <span className="quiet">
          {secret.last_used_at === null ? (
            t('secret.unused')
          ) : (
            <>
              {t('secret.used')} <When at={secret.last_used_at} />
            </>
          )}
          {ended !== null && (
            <>
              {' · '}
              {t('secret.endedAt')} <When at={ended} />
            </>
          )}
        </span>
      </span>
      {ended === null && (
        <Button danger onClick={onEnd}>
          {t('secret.end')}
        </Button>
      )}
    </li>
  );
}

/** Asks before a secret ends, and says when it was used last. */
function End(props: { at: At; secret: Secret; isLast: boolean; onClose: () => void; onEnded: () => void }) {
  const { at, secret, isLast, onClose } = props;
  const { message } = Antd.useApp();
  const end = useMutation({
    mutationFn: () => endSecret(at, secret.secret_id),
    onSuccess: ({ in_force }) => {
      props.onEnded();
      onClose();
      void (in_force ? message.success(t('secret.endDone')) : message.warning(t('secret.endLater'), 10));
    },
    onError: (e) => void message.error(refusalText(e)),
  });
  const used = secret.last_used_at === null ? null : ago(new Date(secret.last_used_at), new Date());
  return (
    <Modal
      open
      title={t('secret.end.sure')}
      okText={t('secret.end.do')}
      cancelText={t('cancel')}
      okButtonProps={{ danger: true }}
      cancelButtonProps={{ autoFocus: true }}
      confirmLoading={end.isPending}
      onOk={() => end.mutate()}
      onCancel={onClose}
      closable={{ 'aria-label': t('close') }}
    >
      <ul className="effects">
        {used !== null && (
          <li>
            <strong>{t('secret.end.used', { ago: used })}</strong>
          </li>
        )}
        <li>{t('secret.end.text')}</li>
        {isLast && <li>{t('secret.end.last')}</li>}
      </ul>
    </Modal>
  );
}
