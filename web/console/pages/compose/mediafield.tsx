// A picture, a file or a recording: it is uploaded when it is chosen.

import { Input } from 'antd';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { FileButton } from '../../form/filebutton';
import { Labelled } from '../../form/labelled';
import { UploadBar, UploadName } from '../../form/uploadbar';
import { endings, type Uploaded, useUpload } from '../../form/uploading';
import type { Content, ContentChange } from './content';
import { secondsOf } from './voice';

interface Props {
  agent: string;
  kind: Uploaded;
  content: Content;
  wrong: (field: string) => string;
  update: (change: ContentChange) => void;
}

export function MediaField({ agent, kind, content, wrong, update }: Props) {
  const id = useId();
  const chosen = content.media[kind];
  const upload = useUpload(agent, kind, async ({ url: _, ...stored }, file) => {
    const seconds = kind === 'voice' ? await secondsOf(file) : '';
    update(({ media }) => ({ media: { ...media, [kind]: stored }, ...(seconds ? { duration: seconds } : {}) }));
  });
  return (
    <>
      <div className="field">
        <div className="field-head">
          <span id={id}>{t(`compose.kind.${kind}`)}</span>
        </div>
        <div className="compose-media">
          <FileButton
            accept={endings[kind]}
            describedBy={id}
            chosen={chosen !== undefined}
            busy={upload.busy}
            onFile={upload.start}
          />
          {chosen && !upload.busy && <UploadName media={chosen} />}
          <UploadBar upload={upload} />
        </div>
        <p className="quiet">{t(`media.limits.${kind}`)}</p>
        <p className="field-wrong" role="alert">
          {upload.wrong || wrong('media')}
        </p>
      </div>
      {kind === 'voice' && (
        <Labelled label={t('compose.field.duration')} value={content.duration} wrong={wrong('duration')}>
          {(named) => (
            <Input
              {...named}
              inputMode="numeric"
              suffix={t('media.seconds')}
              value={content.duration}
              onChange={(e) => update({ duration: e.target.value })}
            />
          )}
        </Labelled>
      )}
    </>
  );
}
