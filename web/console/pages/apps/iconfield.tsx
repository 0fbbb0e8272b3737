// The picture of an app: it is uploaded and shown when it is chosen, and everybody
// sees it once it is saved.

import { Button } from 'antd';
import { Trash2 } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import { Avatar } from '../../../shared/look/avatar';
import { t } from '../../../shared/words';
import { FileButton } from '../../form/filebutton';
import { UploadBar } from '../../form/uploadbar';
import { endings, useUpload } from '../../form/uploading';
import type { ProfileForm } from './profile';
import type { App, At } from './queries';

interface Props {
  at: At;
  app: App;
  form: ProfileForm;
  onChange: (form: ProfileForm) => void;
}

export function IconField({ at, app, form, onChange }: Props) {
  const id = useId();
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false; // whoever has cancelled meanwhile wants no icon
    };
  }, []);
  const upload = useUpload(at.agent, 'image', ({ media_id, name, url }) => {
    if (isOpen.current) {
      onChange({ ...form, icon: media_id, iconName: name || media_id, iconURL: url });
    }
  });
  const shown = form.icon === app.icon_media_id ? app.icon : form.iconURL;
  return (
    <div className="field">
      <div className="field-head">
        <span id={id}>{t('app.icon')}</span>
      </div>
      <div className="app-icon-field">
        <Avatar name={form.name} size={48} {...(shown ? { icon: shown } : {})} />
        <FileButton
          accept={endings.image}
          describedBy={id}
          chosen={form.icon !== ''}
          busy={upload.busy}
          onFile={upload.start}
        />
        {form.icon && !upload.busy && (
          <Button
            icon={<Trash2 size={16} aria-hidden="true" />}
            onClick={() => onChange({ ...form, icon: '', iconName: '', iconURL: '' })}
          >
            {t('app.icon.remove')}
          </Button>
        )}
        {!upload.busy && <span className="quiet">{form.iconName || (form.icon ? '' : t('app.icon.none'))}</span>}
        <UploadBar upload={upload} />
      </div>
      <p className="quiet">{t('app.icon.text', { limits: t('media.limits.image') })}</p>
      {upload.wrong && (
        <p className="field-wrong" role="alert">
          {upload.wrong}
        </p>
      )}
    </div>
  );
}
