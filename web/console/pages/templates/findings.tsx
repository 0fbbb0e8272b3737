// What linting finds, in the reader's words by its rule. The server's English
// says what we have no words for.

import { CircleX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { components } from '../../../shared/api/schema.gen';
import { has, t } from '../../../shared/words';
import { fieldName } from './fields';

export type Finding = components['schemas']['Finding'];

export function findingText(finding: Finding): string {
  const id = `finding.${finding.rule}`;
  return has(id) ? t(id) : `${finding.text}: ${finding.cure}`;
}

/** Where a finding is: 正文第 3 行. */
export function findingPlace({ field, line }: Finding): string {
  return line ? t('finding.line', { field: fieldName(field), line }) : fieldName(field);
}

export function Findings(props: {
  findings: readonly Finding[];
  /** Leads to where a finding is. */
  onGo?: (finding: Finding) => void;
  /** What can be done about one at once. */
  fix?: (finding: Finding) => ReactNode;
}) {
  const { onGo, fix } = props;
  return (
    <ul className="findings">
      {props.findings.map((f, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two findings may be alike
        <li key={`${f.rule} ${f.field} ${n}`} className="finding" data-severity={f.severity}>
          {f.severity === 'error' ? (
            <CircleX size={16} role="img" aria-label={t('finding.error')} />
          ) : (
            <TriangleAlert size={16} role="img" aria-label={t('finding.warning')} />
          )}
          <span>
            {onGo ? (
              <button type="button" className="finding-place" onClick={() => onGo(f)}>
                {findingPlace(f)}
              </button>
            ) : (
              <span className="finding-place">{findingPlace(f)}</span>
            )}
            {t('finding.says', { text: findingText(f) })}
            {fix?.(f)}
          </span>
        </li>
      ))}
    </ul>
  );
}
