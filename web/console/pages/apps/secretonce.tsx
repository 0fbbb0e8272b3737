// A secret that was just made: it is shown this once.

import { Alert, Button, Checkbox, Modal } from 'antd';
import { Copy } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { t } from '../../../shared/words';
import { useCopy } from '../notifications/copy';

interface Props {
  title: string;
  secret: string;
  /** What else is told of what was made. */
  children?: ReactNode;
  done: string;
  onDone: () => void;
}

/** It closes once somebody says that they have put the secret away. */
export function SecretOnce(props: Props) {
  const [isKept, setIsKept] = useState(false);
  const copy = useCopy();
  return (
    <Modal
      open
      title={props.title}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" disabled={!isKept} onClick={props.onDone}>
          {props.done}
        </Button>
      }
    >
      <div className="secret-once">
        {props.children}
        <Alert type="warning" showIcon title={t('secret.once')} />
        <div className="secret-value">
          <code>{props.secret}</code>
          <Button icon={<Copy size={14} aria-hidden="true" />} onClick={() => copy(props.secret)}>
            {t('try.copy')}
          </Button>
        </div>
        <Checkbox checked={isKept} onChange={(e) => setIsKept(e.target.checked)}>
          {t('secret.kept')}
        </Checkbox>
      </div>
    </Modal>
  );
}
