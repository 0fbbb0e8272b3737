// The rows of the picker.

import { Checkbox } from 'antd';
import { ChevronRight } from 'lucide-react';
import { t } from '../../shared/words';
import { number } from '../pages/notifications/model';
import type { Picks } from './picks';
import type { Department, ListedPerson } from './queries';

export interface Picking {
  picks: Picks;
  onAdd: (more: Partial<Picks>) => void;
  onRemove: (fewer: Partial<Picks>) => void;
  /** Shows what is below a department. */
  onOpen: (department: Department) => void;
}

export function DepartmentRow(props: {
  department: Department;
  picking: Picking;
  isFound?: boolean;
  /** It is the one that is open. */
  isWhole?: boolean;
}) {
  const { department, picking, isFound, isWhole } = props;
  const { dept_id, name, people, path } = department;
  const one = { departments: [{ dept_id, name, people }] };
  return (
    <li className="pick">
      <Checkbox
        checked={picking.picks.departments.some((d) => d.dept_id === dept_id)}
        onChange={(e) => (e.target.checked ? picking.onAdd(one) : picking.onRemove(one))}
      >
        <span className="pick-name">{isWhole ? t('picker.whole', { name }) : name}</span>
        <span className="pick-more">{t('audience.people', { count: people, text: number(people) })}</span>
        {isFound && <span className="pick-path">{path}</span>}
      </Checkbox>
      {!isWhole && (
        <button
          type="button"
          className="icon-button"
          aria-label={t('picker.open', { name })}
          onClick={() => picking.onOpen(department)}
        >
          <ChevronRight size={18} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}

export function PersonRow(props: { person: ListedPerson; picking: Picking; isFound?: boolean }) {
  const { person, picking, isFound } = props;
  const { userid, name, job_number: job, departments } = person;
  const one = { people: [{ userid, name }] };
  return (
    <li className="pick">
      <Checkbox
        checked={picking.picks.people.some((p) => p.userid === userid)}
        onChange={(e) => (e.target.checked ? picking.onAdd(one) : picking.onRemove(one))}
      >
        <span className="pick-name">{name || userid}</span>
        <span className="pick-more">{job || userid}</span>
        {isFound && <span className="pick-path">{departments.map((d) => d.path).join(t('audience.and'))}</span>}
      </Checkbox>
    </li>
  );
}
