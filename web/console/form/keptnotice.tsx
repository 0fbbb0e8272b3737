import { Alert, Button } from 'antd';
import { t } from '../../shared/words';
import { clock, date, sameDay } from '../../shared/words/time';

interface Props {
  at: number;
  className?: string;
  onForget: () => void;
  onRestore: () => void;
}

/** Offers what the browser has kept and the server does not have. */
export function KeptNotice({ at, className = '', onForget, onRestore }: Props) {
  return (
    <Alert
      className={className}
      type="info"
      showIcon
      role="status"
      title={t('kept.title', { at: keptAt(at) })}
      action={
        <>
          <Button size="small" onClick={onForget}>
            {t('kept.forget')}
          </Button>
          <Button size="small" type="primary" onClick={onRestore}>
            {t('kept.restore')}
          </Button>
        </>
      }
    />
  );
}

/** When the browser kept something: the hour of today, else its day. */
export function keptAt(at: number): string {
  const kept = new Date(at);
  return sameDay(kept, new Date()) ? clock(kept) : date(kept);
}
