import { t } from '../../shared/words';
import type { Upload } from './uploading';

/** How far an upload is; nothing while there is none. */
export function UploadBar({ upload }: { upload: Upload }) {
  if (!upload.busy) {
    return null;
  }
  const percent = Math.floor(upload.sent * 100);
  return (
    <span className="upload-bar">
      <progress aria-label={t('media.sending')} max={100} {...(percent < 100 ? { value: percent } : {})} />
      <span className="quiet">{percent < 100 ? t('media.sent', { percent }) : t('media.checking')}</span>
    </span>
  );
}

/** A file that was uploaded: its name and size, where they are known. */
export function UploadName({ media }: { media: { media_id: string; name: string; size: number } }) {
  const kilobytes = Math.max(1, Math.round(media.size / 1024));
  return (
    <span className="upload-name">
      {media.name || media.media_id}
      {media.size > 0 && <span className="quiet"> {t('media.size', { text: kilobytes.toLocaleString() })}</span>}
    </span>
  );
}
