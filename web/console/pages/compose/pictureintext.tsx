// Pictures in the text of a message.

import type { TextAreaRef } from 'antd/es/input/TextArea';
import { type RefObject, useId } from 'react';
import { t } from '../../../shared/words';
import { FileButton } from '../../form/filebutton';
import { UploadBar } from '../../form/uploadbar';
import { endings, useUpload } from '../../form/uploading';
import { type ContentChange, withPicture } from './content';

interface Props {
  /** The app that sends it. */
  agent: string;
  update: (change: ContentChange) => void;
  area: RefObject<TextAreaRef | null>;
}

/** Uploads a picture and writes it into a Markdown text, where the cursor is. */
export function PictureInText({ agent, update, area }: Props) {
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
