// A picture: a file that is uploaded, or an address on the web.

import { Input } from 'antd';
import { useId } from 'react';
import { t } from '../../shared/words';
import { FileButton } from './filebutton';
import { Labelled } from './labelled';
import { UploadBar, UploadName } from './uploadbar';
import { endings, useUpload } from './uploading';

interface Props {
  /** The app whose file it is. */
  agent: string;
  label: string;
  /** A media id, an address, or nothing. */
  value: string;
  /** The most characters. */
  most: number;
  wrong: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
}

export function PictureField({ agent, label, value, most, wrong, onChange, onBlur }: Props) {
  const id = useId();
  const upload = useUpload(agent, 'image', ({ media_id }) => onChange(media_id));
  const { stored } = upload;
  return (
    <Labelled label={label} value={value} most={most} wrong={upload.wrong || wrong}>
      {(named) => (
        <>
          <div className="picture-field">
            <Input
              {...named}
              value={value}
              placeholder="https://"
              disabled={upload.busy}
              onChange={(e) => onChange(e.target.value)}
              onBlur={onBlur}
            />
            <FileButton
              accept={endings.image}
              describedBy={id}
              chosen={value !== ''}
              busy={upload.busy}
              onFile={upload.start}
            />
          </div>
          <p className="quiet" id={id}>
            {stored?.media_id === value && !upload.busy ? (
              <UploadName media={stored} />
            ) : (
              t('picture.text', { limits: t('media.limits.image') })
            )}
          </p>
          <UploadBar upload={upload} />
        </>
      )}
    </Labelled>
  );
}
