// Pictures in a message: a file that is uploaded, or an address on the web.

import { Input } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { type RefObject, useId } from 'react';
import { t } from '../../../shared/words';
import { FileButton } from '../../form/filebutton';
import { Labelled } from '../../form/labelled';
import { UploadBar, UploadName } from '../../form/uploadbar';
import { endings, useUpload } from '../../form/uploading';
import { type Content, type ContentChange, limitOf, withPicture } from './content';

interface Props {
  /** The app that sends it. */
  agent: string;
  content: Content;
  wrong: (field: string) => string;
  update: (change: ContentChange) => void;
}

/** The picture of a link or a form: its media id, or an address. */
export function PictureField({ agent, content, wrong, update }: Props) {
  const id = useId();
  const { kind, picture } = content;
  const upload = useUpload(agent, 'image', ({ media_id }) => update({ picture: media_id }));
  const { stored } = upload;
  return (
    <Labelled
      label={t('compose.field.picture')}
      value={picture}
      most={limitOf(kind, 'picture')}
      wrong={upload.wrong || wrong('picture')}
    >
      {(named) => (
        <>
          <div className="compose-picture">
            <Input
              {...named}
              value={picture}
              placeholder="https://"
              disabled={upload.busy}
              onChange={(e) => update({ picture: e.target.value })}
            />
            <FileButton
              accept={endings.image}
              describedBy={id}
              chosen={picture !== ''}
              busy={upload.busy}
              onFile={upload.start}
            />
          </div>
          <p className="quiet" id={id}>
            {stored?.media_id === picture && !upload.busy ? (
              <UploadName media={stored} />
            ) : (
              t('compose.picture.text', { limits: t('media.limits.image') })
            )}
          </p>
          <UploadBar upload={upload} />
        </>
      )}
    </Labelled>
  );
}

/** Uploads a picture and writes it into a Markdown text, where the cursor is. */
export function PictureInText({
  agent,
  update,
  area,
}: Omit<Props, 'content'> & { area: RefObject<TextAreaRef | null> }) {
  const id = useId();
  const upload = useUpload(agent, 'image', ({ media_id }) => {
    const at = area.current?.resizableTextArea?.textArea.selectionEnd;
    update(({ text }) => ({ text: withPicture(text, at ?? text.length, media_id) }));
  });
  return (
    <div className="compose-insert">
      <div className="compose-media">
        <FileButton
          accept={endings.image}
          describedBy={id}
          text={t('media.insert')}
          busy={upload.busy}
          onFile={upload.start}
        />
        <span className="quiet" id={id}>
          {t('media.limits.image')}
        </span>
        <UploadBar upload={upload} />
      </div>
      <p className="field-wrong" role="alert">
        {upload.wrong}
      </p>
    </div>
  );
}
