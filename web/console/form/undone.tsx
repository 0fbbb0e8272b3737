import { App } from 'antd';
import { t } from '../../shared/words';

const seconds = 8;
let told = 0;

/** Says what was done at once, and offers for a while to take it back. */
export function useDone(): (text: string, undo: () => void) => void {
  const { message } = App.useApp();
  return (text, undo) => {
    const key = `done ${++told}`;
    const back = () => {
      message.destroy(key);
      undo();
    };
    message.success({
      key,
      duration: seconds,
      content: (
        <span className="undone">
          {text}
          <button type="button" className="text-button" onClick={back}>
            {t('undo')}
          </button>
        </span>
      ),
    });
  };
}
