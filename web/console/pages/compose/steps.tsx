// On a phone one pane is shown at a time.

import { Button } from 'antd';
import { t } from '../../../shared/words';

export const steps = ['content', 'people', 'check'] as const;
export type Step = (typeof steps)[number];

interface Props {
  step: Step;
  onChange: (step: Step) => void;
}

export function Steps({ step, onChange }: Props) {
  return (
    <nav className="compose-steps only-phone" aria-label={t('compose.steps')}>
      {steps.map((one, n) => (
        <button
          key={one}
          type="button"
          className="compose-step"
          aria-current={one === step ? 'step' : undefined}
          onClick={() => onChange(one)}
        >
          <span className="compose-number" aria-hidden="true">
            {n + 1}
          </span>
          {t(`compose.step.${one}`)}
        </button>
      ))}
    </nav>
  );
}

/** To the pane before, and the next. */
export function StepButtons({ step, onChange }: Props) {
  const at = steps.indexOf(step);
  const [before, next] = [steps[at - 1], steps[at + 1]];
  const go = (to: Step) => {
    onChange(to);
    scrollTo({ top: 0 });
  };
  return (
    <div className="compose-go only-phone">
      {before && <Button onClick={() => go(before)}>{t('compose.back')}</Button>}
      {next && (
        <Button type="primary" onClick={() => go(next)}>
          {t('compose.next')}
        </Button>
      )}
    </div>
  );
}
