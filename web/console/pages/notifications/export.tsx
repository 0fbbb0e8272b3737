// A file of the people who are shown.

import { Dropdown } from 'antd';
import { Download } from 'lucide-react';
import { t } from '../../../shared/words';
import { useMenuButton } from '../../form/menubutton';
import { loadFile } from '../../form/savefile';
import { useOrg } from '../../shell/session';
import { type Running, useExport } from './exporting';
import { number } from './model';
import { exportAddress, type TaskDetail, type Which } from './queries';

const formats = ['xlsx', 'csv'] as const;

// How many people's file the page takes in itself: then it can say why there is none.
// The browser loads a larger one, which no page should hold, and shows how far it is.
const mostHeld = 100_000;

export function Export(props: { task: TaskDetail; which: Which; count: number }) {
  const { task, which, count } = props;
  const org = useOrg();
  const { button, open, setOpen, back } = useMenuButton();
  const { begin, running } = useExport(task);
  if (count === 0 && running === null) {
    return null;
  }
  const items = formats.map((format) => ({
    key: format,
    label: t(`export.${format}`),
    onClick: () =>
      count <= mostHeld ? begin({ which, format, count }) : loadFile(exportAddress(org, task, which, format)),
  }));
  // One button all the time: whoever uses keys stays where they are.
  return (
    <Dropdown
      trigger={['click']}
      placement="bottomRight"
      autoFocus
      open={open && running === null}
      onOpenChange={(next) => setOpen(next && running === null)}
      menu={{ items, onClick: back }}
    >
      <button
        ref={button}
        type="button"
        className="button export"
        aria-haspopup={running ? undefined : 'menu'}
        aria-expanded={running ? undefined : open}
        onClick={running?.cancel}
      >
        <Download size={16} aria-hidden="true" />
        {running ? runningText(running) : t('export.people', { count, text: number(count) })}
      </button>
    </Dropdown>
  );
}

function runningText({ count, rows }: Running): string {
  const people = { count, text: number(count) };
  return rows === null ? t('export.running', people) : t('export.so_far', { ...people, rows: number(rows) });
}
