// Where an app's program is told of changes in the directory, and a third-party app's of
// itself, and how that goes.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App as Antd, Button, Modal } from 'antd';
import { useEffect, useId, useRef, useState } from 'react';
import { t } from '../../../shared/words';
import { moment } from '../../../shared/words/time';
import { Status } from '../../list/status';
import { When } from '../../list/when';
import { refusalText } from '../../shell/refusal';
import { useSession } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { number } from '../notifications/model';
import { eventText } from './callbackform';
import { CallbackDialog } from './callbackset';
import { Fact } from './facts';
import {
  type App,
  type At,
  type CallbackFailure,
  callbackQuery,
  type EventCallback,
  removeCallback,
  testCallback,
} from './queries';

/** Without this scope an internal app is told of nobody. Of a third-party app every organization decides. */
const needed = 'contacts.read';

export function Callback({ at, app }: { at: At; app: App }) {
  const label = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const [isRemoved, setIsRemoved] = useState(false);
  // Once the dialog and the button that opened it are gone.
  useEffect(() => {
    if (isRemoved) {
      heading.current?.focus();
      setIsRemoved(false);
    }
  }, [isRemoved]);
  const [isSetting, setIsSetting] = useState(false);
  const query = useQuery(callbackQuery(at));
  if (query.isError && !query.data) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  const { callback: is, available, two_names: twoNames } = query.data;
  const isSuite = app.kind === 'third_party';
  const lacksScope = !isSuite && !app.installation?.grants.scopes.includes(needed);
  return (
    <section className="panel app-part" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label} tabIndex={-1} ref={heading}>
          {t('callback.title')}
        </h2>
        {app.may.write && (
          <Button
            className="only-desktop"
            aria-describedby={label}
            disabled={lacksScope}
            onClick={() => setIsSetting(true)}
          >
            {is === null ? t('callback.set') : t('app.change')}
          </Button>
        )}
      </div>
      <p className="panel-text">{t(isSuite ? 'callback.text.suite' : 'callback.text')}</p>
      {app.may.write && lacksScope && <p className="panel-text">{t('callback.wrong.scopes')}</p>}
      {is === null && <p className="app-part-body quiet">{t(isSuite ? 'callback.none.suite' : 'callback.none')}</p>}
      {is !== null && <Stored app={app} is={is} available={available} />}
      {is !== null && app.may.write && <Steps at={at} is={is} onRemoved={() => setIsRemoved(true)} />}
      {isSetting && (
        <CallbackDialog
          at={at}
          app={app}
          is={is}
          available={available}
          twoNames={twoNames}
          onClose={() => setIsSetting(false)}
        />
      )}
    </section>
  );
}

function failureText({ reason, status }: CallbackFailure): string {
  return t(`callback.failed.${reason}`, { status });
}

function Stored({ app, is, available }: { app: App; is: EventCallback; available: readonly string[] }) {
  const { current } = useSession();
  const { last_failure: failure, last_failure_at: failedAt } = is;
  return (
    <>
      <p className="callback-state">
        <State app={app} is={is} />
      </p>
      {is.given_up > 0 && (
        <p className="callback-given-up">
          {t(app.kind === 'third_party' ? 'callback.givenUp.suite' : 'callback.givenUp', {
            count: is.given_up,
            text: number(is.given_up),
          })}
        </p>
      )}
      <dl className="app-facts">
        <Fact label={t('callback.url')}>
          <code>{is.has_query ? `${is.url}?…` : is.url}</code>
          {is.by_operator && <span className="quiet">{t('callback.byOperator')}</span>}
        </Fact>
        <Fact label={t('callback.events')}>
          {available
            .filter((event) => is.events.includes(event))
            .map(eventText)
            .join(t('audience.and'))}
        </Fact>
        <Fact label={t('callback.keyID')}>
          <code>{is.key_id === 'corp_id' ? current.corp_id : app.app_key}</code>
        </Fact>
        <Fact label={t('callback.waiting')}>{number(is.waiting)}</Fact>
        <Fact label={t('callback.success')}>
          {is.last_success_at ? <When at={is.last_success_at} /> : <span className="quiet">{t('callback.never')}</span>}
        </Fact>
        {failedAt && (
          <Fact label={t('callback.failure')}>
            <When at={failedAt} />
            {failure && <span>· {failureText(failure)}</span>}
          </Fact>
        )}
      </dl>
    </>
  );
}

function State({ app, is }: { app: App; is: EventCallback }) {
  // Of a third-party app that is about one organization; the others' events go on.
  if (app.kind === 'internal' && !app.enabled) {
    return <Status tone="none">{t('callback.off')}</Status>;
  }
  if (is.failures > 0) {
    return (
      <>
        <Status tone="bad">{t('callback.failing', { count: is.failures, text: number(is.failures) })}</Status>{' '}
        {is.next_attempt_at && is.waiting > 0 && (
          <span className="quiet">· {t('callback.next', { at: moment(new Date(is.next_attempt_at)) })}</span>
        )}
      </>
    );
  }
  return is.waiting > 0 ? (
    <Status tone="wait">{t('callback.delivering', { count: is.waiting, text: number(is.waiting) })}</Status>
  ) : (
    <Status tone="good">{t('callback.well')}</Status>
  );
}

function Steps({ at, is, onRemoved }: { at: At; is: EventCallback; onRemoved: () => void }) {
  const queries = useQueryClient();
  const { queryKey } = callbackQuery(at);
  const test = useMutation({
    mutationFn: () => testCallback(at),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  const [isRemoving, setIsRemoving] = useState(false);
  const failure = test.data?.failure;
  return (
    <>
      <div className="callback-tested" role="status">
        {test.data?.delivered && <p>{t('callback.tested')}</p>}
        {failure && <p className="field-wrong">{failureText(failure)}</p>}
        {test.error && <p className="field-wrong">{refusalText(test.error)}</p>}
      </div>
      <div className="app-part-foot">
        <Button danger onClick={() => setIsRemoving(true)}>
          {t('callback.remove')}
        </Button>
        <Button loading={test.isPending} onClick={() => test.mutate()}>
          {t('callback.test')}
        </Button>
      </div>
      {isRemoving && <Remove at={at} is={is} onClose={() => setIsRemoving(false)} onRemoved={onRemoved} />}
    </>
  );
}

/** Asks before a callback ends, and says what is lost. */
function Remove(props: { at: At; is: EventCallback; onClose: () => void; onRemoved: () => void }) {
  const { at, is, onClose } = props;
  const { message } = Antd.useApp();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeCallback(at),
    onSuccess: () => {
      queries.setQueryData(callbackQuery(at).queryKey, (was) => was && { ...was, callback: null });
      onClose();
      props.onRemoved();
      void message.success(t('callback.removed'));
    },
    onError: (e) => void message.error(refusalText(e)),
  });
  const lost = is.waiting + is.given_up;
  return (
    <Modal
      open
      title={t('callback.remove.sure')}
      okText={t('callback.remove')}
      cancelText={t('cancel')}
      okButtonProps={{ danger: true }}
      cancelButtonProps={{ autoFocus: true }}
      confirmLoading={remove.isPending}
      onOk={() => remove.mutate()}
      onCancel={onClose}
      closable={{ 'aria-label': t('close') }}
    >
      <ul className="effects">
        <li>{t('callback.remove.text')}</li>
        {lost > 0 && <li>{t('callback.remove.lost', { count: lost, text: number(lost) })}</li>}
      </ul>
    </Modal>
  );
}
