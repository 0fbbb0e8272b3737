import { Button } from 'antd';
import { FileUp } from 'lucide-react';
import { useRef } from 'react';
import { t } from '../../shared/words';

interface Props {
  /** The endings of files that are offered, such as '.png,.jpg'. */
  accept: string;
  /** The id of what says what the file is for. */
  describedBy: string;
  /** Whether a file is there already, which another takes the place of. */
  chosen?: boolean;
  /** What the button says, where that is something else. */
  text?: string;
  busy: boolean;
  onFile: (file: File) => void;
}

/** A button that asks for a file. */
export function FileButton({ accept, describedBy, chosen = false, text, busy, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={(e) => {
          const [file] = e.target.files ?? [];
          e.target.value = ''; // so that the same one can be chosen again
          if (file) {
            onFile(file);
          }
        }}
      />
      <Button
        icon={<FileUp size={16} aria-hidden="true" />}
        loading={busy}
        aria-describedby={describedBy}
        onClick={() => input.current?.click()}
      >
        {text ?? t(chosen ? 'media.another' : 'media.choose')}
      </Button>
    </>
  );
}
