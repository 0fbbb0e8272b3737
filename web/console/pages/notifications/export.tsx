// A file of the people who are shown: the browser loads it, and shows how far it is.

import { Dropdown } from 'antd';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { useOrg } from '../../shell/session';
import { number } from './model';
import { exportAddress, type TaskDetail, type Which } from './queries';

const formats = ['xlsx', 'csv'] as const;

export function Export(props: { task: TaskDetail; which: Which; count: number }) {
  const { task, which, count } = props;
  const org = useOrg();
  const [open, setOpen] = useState(false);
  if (count === 0) {
    return null;
  }
  const items = formats.map((format) => ({
    key: format,
    label: (
      <a href={exportAddress(org, task, which, format)} download>
        {t(`export.${format}`)}
      </a>
    ),
  }));
  return (
    <Dropdown trigger={['click']} placement="bottomRight" autoFocus open={open} onOpenChange={setOpen} menu={{ items }}>
      <button type="button" className="button export" aria-haspopup="menu" aria-expanded={open}>
        <Download size={16} aria-hidden="true" />
        {t('export.people', { count, text: number(count) })}
      </button>
    </Dropdown>
  );
}
