// What is wrong with the form, where, and what can be done about it at once.

import { Button } from 'antd';
import type { RefObject } from 'react';
import { t } from '../../../shared/words';
import { type Finding, Findings } from './findings';
import { type FormRequest, headingToBold, pictureToImage } from './form';
import type { TextHandle } from './text';

export function Checks(props: {
  findings: readonly Finding[];
  form: FormRequest;
  update: (change: Partial<FormRequest>) => void;
  text: RefObject<TextHandle | null>;
}) {
  const { findings, form, update, text } = props;
  const fix = (f: Finding) => {
    if (f.rule === 'parameter_not_described' && f.parameter) {
      return (
        <Button size="small" type="link" onClick={() => go(f, text.current)}>
          {t('fix.describe')}
        </Button>
      );
    }
    const correction = correctionOf(f, form);
    return (
      correction && (
        <Button size="small" type="link" onClick={() => update(correction.change)}>
          {correction.name}
        </Button>
      )
    );
  };
  return (
    <section className="panel" aria-label={t('checks')}>
      <div className="panel-head">
        <h2>{t('checks')}</h2>
        <span className="quiet" role="status">
          {findings.length === 0 ? t('checks.none') : t('checks.count', { count: findings.length })}
        </span>
      </div>
      {findings.length > 0 && <Findings findings={findings} onGo={(f) => go(f, text.current)} fix={fix} />}
    </section>
  );
}

function correctionOf(f: Finding, form: FormRequest): { name: string; change: FormRequest } | null {
  if (f.rule === 'heading' && f.line) {
    return { name: t('fix.heading'), change: headingToBold(form, f.line) };
  }
  if (f.rule === 'picture' && f.line && form.kind !== 'form') {
    return { name: t('fix.picture'), change: pictureToImage(form, f.line) };
  }
  return null;
}

/** Leads to where a finding is. */
function go(f: Finding, text: TextHandle | null): void {
  if (f.field === 'content') {
    text?.go(f.line ?? 1);
    return;
  }
  const parameter = f.parameter ?? /^parameters\.([^.]+)/.exec(f.field)?.[1];
  if (parameter) {
    document.querySelector<HTMLElement>(`[data-parameter="${CSS.escape(parameter)}"]`)?.focus();
  }
}
