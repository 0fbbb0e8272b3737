// Chooses a span of time: one of some, or two days of the calendar.

import { Select } from 'antd';
import { useState } from 'react';
import { t } from '../../shared/words';
import { chosenPeriod, daysOf, periods } from './period';

interface Props {
  label: string;
  value: string | undefined;
  onChange: (period: string | undefined) => void;
}

const own = 'own';

export function PeriodFilter({ label, value, onChange }: Props) {
  const [opened, setOpened] = useState(false);
  const preset = periods.find((p) => p === value);
  const days = preset === undefined && (opened || value !== undefined);
  const choose = (next: string | undefined) => {
    setOpened(next === own);
    onChange(next === own ? undefined : next);
  };
  return (
    <>
      <Select
        className="filter"
        aria-label={label}
        placeholder={label}
        value={preset ?? (days ? own : null)}
        options={[
          ...periods.map((p) => ({ value: p as string, label: t(`period.${p}`) })),
          { value: own, label: t('period.own') },
        ]}
        allowClear
        popupMatchSelectWidth={false}
        onChange={choose}
      />
      {days && <Days value={value} onChange={onChange} />}
    </>
  );
}

function Days(props: Omit<Props, 'label'>) {
  const { first, last } = daysOf(props.value);
  return (
    <span className="days">
      <input
        type="date"
        className="day"
        aria-label={t('period.first')}
        value={first}
        max={last || undefined}
        onChange={(e) => props.onChange(chosenPeriod(e.target.value, last))}
      />
      <span aria-hidden="true">–</span>
      <input
        type="date"
        className="day"
        aria-label={t('period.last')}
        value={last}
        min={first || undefined}
        onChange={(e) => props.onChange(chosenPeriod(first, e.target.value))}
      />
    </span>
  );
}
