// The picture of an app: it is uploaded when it is chosen, and shown once it is saved.

import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { FileUp, Trash2 } from 'lucide-react';
import { useId, useRef } from 'react';
import { t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { upload } from '../compose/uploading';
import type { ProfileForm } from './profile';

interface Props {
  agent: string;
  form: ProfileForm;
  onChange: (form: ProfileForm) => void;
}

export function IconField({ agent, form, onChange }: Props) {
  const org = useOrg();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const send = useMutation({
    mutationFn: (file: File) => upload(org, agent, 'image', file),
    onSuccess: ({ media_id, name }) => onChange({ ...form, icon: media_id, iconName: name || media_id }),
  });
  return (
    <div className="field">
      <div className="field-head">
        <span id={id}>{t('app.icon')}</span>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept=".jpg,.jpeg,.png,.gif,.bmp"
        onChange={(e) => {
          const [file] = e.target.files ?? [];
          e.target.value = '';
          if (file) {
            send.mutate(file);
          }
        }}
      />
      <div className="inline-switch">
        <Button
          icon={<FileUp size={16} aria-hidden="true" />}
          loading={send.isPending}
          aria-describedby={id}
          onClick={() => input.current?.click()}
        >
          {t(form.icon ? 'media.another' : 'media.choose')}
        </Button>
        {form.icon && (
          <Button
            icon={<Trash2 size={16} aria-hidden="true" />}
            onClick={() => onChange({ ...form, icon: '', iconName: '' })}
          >
            {t('app.icon.remove')}
          </Button>
        )}
        <span className="quiet">{form.iconName || (form.icon ? '' : t('app.icon.none'))}</span>
      </div>
      <p className="quiet">{t('app.icon.text')}</p>
      {send.isError && (
        <p className="field-wrong" role="alert">
          {refusalText(send.error)}
        </p>
      )}
    </div>
  );
}
