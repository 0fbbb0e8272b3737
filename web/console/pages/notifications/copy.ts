import { App } from 'antd';
import { t } from '../../../shared/words';

/** Copies a text and says so; where the browser does not let us, it shows it. */
export function useCopy(): (text: string) => void {
  const { message } = App.useApp();
  return (text) => {
    // Browsers have no clipboard for pages over plain http.
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    copied.then(
      () => message.success(t('copied')),
      () => message.info(t('copy.byHand', { text }), 10),
    );
  };
}
