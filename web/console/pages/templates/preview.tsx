// How the form looks, in either theme and on either device, with its samples or
// values of the author's own. While it cannot be
// shown, what could be shown last.

import type { UseQueryResult } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useEffect, useState } from 'react';
import type { components } from '../../../shared/api/schema.gen';
import { t } from '../../../shared/words';
import { Preview, type Rendered } from '../../card/preview';
import { ThemeChoice } from '../../card/themechoice';
import type { Shown } from '../../look/colors';
import { useShownTheme } from '../../look/look';
import { refusalText } from '../../shell/refusal';
import type { FormRequest } from './form';
import { ValueChoice, ValueFields, type Values } from './values';

type Check = components['schemas']['Check'];
type Device = 'phone' | 'desktop';

export function Look(props: { check: UseQueryResult<Check>; form: FormRequest; values: Values }) {
  const { check, form, values } = props;
  const [theme, setTheme] = useState<Shown>(useShownTheme());
  const [device, setDevice] = useState<Device>('phone');
  const [last, setLast] = useState<Rendered | null>(null);
  const card = check.data?.card ?? null;
  useEffect(() => {
    if (card) {
      setLast(card);
    }
  }, [card]);
  const shown = card ?? last;
  return (
    <div className="editor-preview">
      <div className="panel-head">
        <h2>{t('preview')}</h2>
        <span className="preview-choices">
          <ValueChoice values={values} />
          <ThemeChoice theme={theme} onChange={setTheme} />
          <Segmented<Device>
            size="small"
            name="device"
            aria-label={t('preview.device')}
            value={device}
            onChange={setDevice}
            options={[
              { value: 'phone', label: t('device.phone') },
              { value: 'desktop', label: t('device.desktop') },
            ]}
          />
        </span>
      </div>
      {shown && <Preview card={shown} theme={theme} device={device} />}
      {!shown && !check.isPending && <p className="quiet">{t('preview.nothing')}</p>}
      <p className="quiet" aria-live="polite">
        {check.isError ? t('preview.away', { why: refusalText(check.error) }) : shown && !card ? t('preview.last') : ''}
      </p>
      {values.own && <ValueFields form={form} values={values} findings={check.data?.findings ?? []} />}
    </div>
  );
}
