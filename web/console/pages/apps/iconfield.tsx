// The picture of an app: it is uploaded when it is chosen, and shown once it is saved.

import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { Trash2 } from 'lucide-react';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { FileButton } from '../../form/filebutton';
import { endings, upload } from '../../form/uploading';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import type { ProfileForm } from './profile';

interface Props {
  agent: string;
  form: ProfileForm;
  onChange: (form: ProfileForm) => void;
}

export function IconField({ agent, form, onChange }: Props) {
  const org = useOrg();
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
      <div className="inline-switch">
        <FileButton
          accept={endings.image}
          describedBy={id}
          chosen={form.icon !== ''}
          busy={send.isPending}
          onFile={(file) => send.mutate(file)}
        />
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
