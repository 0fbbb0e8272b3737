import { Alert, Button } from 'antd';
import { t } from '../../shared/words';
import { keptAt } from './keptnotice';

/** Says that what is shown was written before; it can be given up. */
export function FoundNotice({ at, onForget }: { at: number | null; onForget: () => void }) {
  if (at === null) {
    return null;
  }
  return (
    <Alert
      className="found-notice"
      type="info"
      showIcon
      role="status"
      title={t('kept.found', { at: keptAt(at) })}
      action={
        <Button size="small" onClick={onForget}>
          {t('kept.forget')}
        </Button>
      }
    />
  );
}
