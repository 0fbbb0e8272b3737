// How much an app may do: what is in force, what the preset says, and what was
// decided for this app.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Input, Select } from 'antd';
import { t } from '../../../shared/words';
import { Failed, Loading } from '../../shell/states';
import { useEditing } from './editing';
import { type Limit, type LimitsForm, limits, limitsPart, limitText } from './limits';
import { PartPanel } from './part';
import { type App, type AppLimits, type At, limitsQuery } from './queries';

export function LimitsTab({ at, app }: { at: At; app: App }) {
  const query = useQuery(limitsQuery(at));
  if (query.isError && !query.data) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  return query.data ? <Limits at={at} app={app} stored={query.data} /> : <Loading />;
}

function Limits({ at, app, stored }: { at: At; app: App; stored: AppLimits }) {
  const queries = useQueryClient();
  const editing = useEditing(at, stored, limitsPart, {
    read: () => queries.fetchQuery({ ...limitsQuery(at), staleTime: 0 }),
    show: (now) => queries.setQueryData(limitsQuery(at).queryKey, now),
  });
  return (
    <div className="app-parts">
      <PartPanel
        title={t('app.tab.limits')}
        text={t('limit.text', { preset: t(`limit.preset.${stored.values.preset}`) })}
        editing={app.may.manage ? editing : null}
        rows={(form) =>
          limits.map((limit) => ({ label: t(`limit.${limit[0]}`), text: form[limit[0]] || t('limit.inherited') }))
        }
        fields={(form, update) => <LimitsTable stored={stored} form={form} onChange={update} />}
      >
        <LimitsTable stored={stored} form={null} />
      </PartPanel>
    </div>
  );
}

interface Props {
  stored: AppLimits;
  /** Null where it is only read. */
  form: LimitsForm | null;
  onChange?: (form: LimitsForm) => void;
}

function LimitsTable({ stored, form, onChange }: Props) {
  return (
    <table className="limits">
      <thead>
        <tr>
          <th scope="col">{t('limit.name')}</th>
          <th scope="col">{form ? t('limit.own') : t('limit.value')}</th>
          <th scope="col" className="only-desktop">
            {t('limit.organization')}
          </th>
          <th scope="col" className="only-desktop">
            {t('limit.preset')}
          </th>
        </tr>
      </thead>
      <tbody>
        {limits.map((limit) => {
          const [name] = limit;
          const isOwn = form ? form[name] !== '' : stored.own[name] !== undefined;
          return (
            <tr key={name} data-own={isOwn}>
              <th scope="row">{t(`limit.${name}`)}</th>
              <td>
                {form ? (
                  <Field
                    limit={limit}
                    text={form[name] ?? ''}
                    inherited={limitText(limit, stored.organization[name])}
                    onChange={(text) => onChange?.({ ...form, [name]: text })}
                  />
                ) : (
                  <>
                    {limitText(limit, stored.values[name])}
                    {isOwn && <span className="tag">{t('limit.isOwn')}</span>}
                  </>
                )}
              </td>
              <td className="only-desktop">{limitText(limit, stored.organization[name])}</td>
              <td className="only-desktop">{limitText(limit, stored.preset[name])}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Field(props: { limit: Limit; text: string; inherited: string; onChange: (text: string) => void }) {
  const { limit, text, inherited, onChange } = props;
  const label = t(`limit.${limit[0]}`);
  if (limit[1] === 'rule') {
    return (
      <Select
        aria-label={label}
        value={text}
        options={[
          { value: '', label: t('limit.inherit', { value: inherited }) },
          { value: 'true', label: t('limit.yes') },
          { value: 'false', label: t('limit.no') },
        ]}
        onChange={onChange}
      />
    );
  }
  return (
    <Input
      aria-label={label}
      inputMode="numeric"
      placeholder={t('limit.inherit', { value: inherited })}
      suffix={limit[1] === 'count' ? undefined : t(`limit.unit.${limit[1]}`)}
      value={text}
      onChange={(e) => onChange(e.target.value)}
    />
  );
}
