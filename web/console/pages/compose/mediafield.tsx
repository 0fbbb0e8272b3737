// A picture, a file or a recording: it is uploaded when it is chosen.

import { useMutation } from '@tanstack/react-query';
import { Input } from 'antd';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { FileButton } from '../../form/filebutton';
import { Labelled } from '../../form/labelled';
import { endings, type Media, type Uploaded, upload } from '../../form/uploading';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { number } from '../notifications/model';
import type { Content } from './content';
import { secondsOf } from './voice';

interface Props {
  agent: string;
  kind: Uploaded;
  content: Content;
  wrong: (field: string) => string;
  update: (change: Partial<Content>) => void;
}

export function MediaField({ agent, kind, content, wrong, update }: Props) {
  const org = useOrg();
  const id = useId();
  const { media } = content;
  const send = useMutation({
    mutationFn: async (file: File): Promise<[Media, string]> => {
      const [stored, seconds] = await Promise.all([
        upload(org, agent, kind, file),
        kind === 'voice' ? secondsOf(file) : '',
      ]);
      return [stored, seconds];
    },
    onSuccess: ([stored, seconds]) =>
      update({ media: { ...media, [kind]: stored }, ...(seconds ? { duration: seconds } : {}) }),
  });
  const text = send.isError ? refusalText(send.error) : wrong('media');
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
            chosen={media[kind] !== undefined}
            busy={send.isPending}
            onFile={(file) => send.mutate(file)}
          />
          {media[kind] && <Chosen media={media[kind]} />}
        </div>
        <p className="quiet">{t(`media.limits.${kind}`)}</p>
        <p className="field-wrong" role="alert">
          {text}
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

function Chosen({ media }: { media: Media }) {
  const kilobytes = Math.max(1, Math.round(media.size / 1024));
  return (
    <span className="compose-media-name">
      {media.name || media.media_id}
      {media.size > 0 && <span className="quiet"> {t('media.size', { text: number(kilobytes) })}</span>}
    </span>
  );
}
