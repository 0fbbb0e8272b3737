// Where programs that people sign in to may have them sent back: the list, one more,
// one less. Each change is stored at once.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { Trash2 } from 'lucide-react';
import { useId, useRef } from 'react';
import { t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import { Labelled } from '../../form/labelled';
import { useDone } from '../../form/undone';
import { Failed, Loading } from '../../shell/states';
import { type App, type At, redirectsQuery, saveRedirects } from './queries';
import { addressFault } from './redirecturi';
import { settingRefusal } from './wrong';

/** So many an app may declare. */
const most = 20;

export function Redirects({ at, app }: { at: At; app: App }) {
  const label = useId();
  const query = useQuery(redirectsQuery(at));
  const change = useChange(at);
  const done = useDone();
  const heading = useRef<HTMLHeadingElement>(null);
  if (query.isError && !query.data) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  const { items } = query.data;
  const remove = (address: string) =>
    change.mutate((list) => list.filter((one) => one !== address), {
      onSuccess: () => {
        heading.current?.focus();
        done(t('redirect.removed'), () => change.mutate((list) => [...list, address]));
      },
    });
  return (
    <section className="panel app-part" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label} tabIndex={-1} ref={heading}>
          {t('redirect.title')}
        </h2>
      </div>
      <p className="panel-text">{t('redirect.text')}</p>
      <div className="app-part-body">
        {items.length === 0 && <p className="quiet">{t('redirect.none')}</p>}
        {items.length > 0 && (
          <ul className="redirects" aria-labelledby={label}>
            {items.map((address) => (
              <li key={address}>
                <code>{address}</code>
                {app.may.write && (
                  <Button
                    type="text"
                    className="only-desktop"
                    icon={<Trash2 size={16} aria-hidden="true" />}
                    aria-label={t('redirect.remove', { address })}
                    disabled={change.isPending}
                    onClick={() => remove(address)}
                  />
                )}
              </li>
            ))}
          </ul>
        )}
        {app.may.write && <Add at={at} items={items} change={change} />}
        {change.error && (
          <p className="field-wrong" role="alert">
            {settingRefusal(change.error)}
          </p>
        )}
      </div>
    </section>
  );
}

type Change = ReturnType<typeof useChange>;

function Add({ at, items, change }: { at: At; items: readonly string[]; change: Change }) {
  const { form: typed, update, foundAt, drop } = useKeptForm(`redirect ${at.agent}`, '');
  const address = typed.trim();
  const wrong = address === '' ? '' : whyNot(address, items);
  const add = () => {
    if (address !== '' && wrong === '' && !change.isPending) {
      change.mutate((list) => [...list, address], { onSuccess: drop });
    }
  };
  if (items.length >= most) {
    return <p className="quiet">{t('redirect.full', { most })}</p>;
  }
  return (
    <>
      <FoundNotice at={foundAt} onForget={drop} />
      <form
        className="redirect-add only-desktop"
        onSubmit={(e) => {
          e.preventDefault();
          add();
        }}
      >
        <Labelled label={t('redirect.new')} value={typed} wrong={wrong}>
          {(named) => (
            <Input
              {...named}
              inputMode="url"
              spellCheck={false}
              placeholder="https://example.com/callback"
              value={typed}
              onChange={(e) => {
                update(e.target.value);
                change.reset();
              }}
            />
          )}
        </Labelled>
        <Button htmlType="submit" disabled={address === '' || wrong !== ''} loading={change.isPending}>
          {t('redirect.add')}
        </Button>
      </form>
    </>
  );
}

function whyNot(address: string, items: readonly string[]): string {
  const fault = addressFault(address);
  if (fault !== null) {
    return t(`redirect.wrong.${fault}`);
  }
  return items.includes(address) ? t('redirect.there') : '';
}

/** Changes the list as it is stored now, which somebody else may have changed meanwhile. */
function useChange(at: At) {
  const queries = useQueryClient();
  const { queryKey } = redirectsQuery(at);
  return useMutation({
    mutationFn: async (change: (list: string[]) => string[]) => {
      const { items } = await queries.fetchQuery({ ...redirectsQuery(at), staleTime: 0 });
      return saveRedirects(at, { items: change(items) });
    },
    onSuccess: (list) => queries.setQueryData(queryKey, list),
  });
}
