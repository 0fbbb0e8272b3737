import { Segmented } from 'antd';
import { LayoutGrid, Rows3 } from 'lucide-react';
import { t } from '../../shared/words';

const shapes = [
  { value: 'cards', icon: LayoutGrid },
  { value: 'rows', icon: Rows3 },
] as const;

/** Cards or rows. */
export function ShapeChoice(props: { rows: boolean; onChange: (rows: boolean) => void }) {
  return (
    <Segmented
      className="shape-choice"
      name="list-shape"
      aria-label={t('list.shape')}
      value={props.rows ? 'rows' : 'cards'}
      options={shapes.map(({ value, icon: Icon }) => ({
        value,
        title: t(`list.${value}`),
        label: (
          <>
            <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
            <span className="unseen">{t(`list.${value}`)}</span>
          </>
        ),
      }))}
      onChange={(shape) => props.onChange(shape === 'rows')}
    />
  );
}
