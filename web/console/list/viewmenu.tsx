import { Button, Checkbox, Popover } from 'antd';
import { Settings2 } from 'lucide-react';
import { t } from '../../shared/words';
import type { View } from './view';

interface Props {
  columns: readonly { key: string; title: string; main?: boolean }[];
  view: View;
  /** Undefined resets the view. */
  onChange: (view?: View) => void;
}

/** Which columns a table shows, and how dense it is. */
export function ViewMenu(props: Props) {
  return (
    <Popover trigger="click" placement="bottomRight" content={<Choices {...props} />}>
      <button type="button" className="icon-button only-desktop" aria-label={t('list.view')}>
        <Settings2 size={18} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </Popover>
  );
}

function Choices({ columns, view, onChange }: Props) {
  const show = (key: string, on: boolean) =>
    onChange({ ...view, hidden: on ? view.hidden.filter((h) => h !== key) : [...view.hidden, key] });
  return (
    <div className="view-menu">
      {columns
        .filter((c) => !c.main)
        .map((c) => (
          <Checkbox key={c.key} checked={!view.hidden.includes(c.key)} onChange={(e) => show(c.key, e.target.checked)}>
            {t(c.title)}
          </Checkbox>
        ))}
      <Checkbox checked={view.dense} onChange={(e) => onChange({ ...view, dense: e.target.checked })}>
        {t('list.dense')}
      </Checkbox>
      <Button type="link" size="small" onClick={() => onChange()}>
        {t('list.reset')}
      </Button>
    </div>
  );
}
