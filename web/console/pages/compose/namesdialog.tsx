// A list of people, pasted or from a file: matched by the server, looked at, and
// taken over.

import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Input, Modal } from 'antd';
import { FileUp } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import type { Person } from '../../people/picks';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { number } from '../notifications/model';
import type { Side } from './audience';
import { Matched } from './matched';
import { matchFile, matchLines } from './matching';
import { type Choices, type Given, linesOf, meant, mostLines } from './names';

interface Props {
  agent: string;
  side: Side;
  given: Given;
  onAdd: (people: readonly Person[]) => void;
  onClose: () => void;
}

export default function NamesDialog(props: Props) {
  const org = useOrg();
  const {
    form: text,
    update,
    foundAt,
    drop,
  } = useKeptForm(`names ${props.agent} ${props.side}`, '', {
    opensWith: props.given.text || undefined,
  });
  const close = () => {
    drop();
    props.onClose();
  };
  const [choices, setChoices] = useState<Choices>({});
  const match = useMutation({
    mutationFn: (list: File | string[]) =>
      list instanceof File ? matchFile(org, props.agent, list) : matchLines(org, props.agent, list),
    onMutate: () => setChoices({}),
  });
  useAtOnce(props.given.file, match.mutate);
  const people = match.data ? meant(match.data, choices) : [];
  return (
    <Modal
      open
      width={680}
      title={t('names.open')}
      onCancel={close}
      closable={{ 'aria-label': t('close') }}
      footer={
        match.data ? (
          <>
            <Button onClick={match.reset}>{t('names.again')}</Button>
            <Button
              type="primary"
              disabled={people.length === 0}
              onClick={() => {
                drop();
                props.onAdd(people);
              }}
            >
              {t(`names.add.${props.side}`, { count: people.length, text: number(people.length) })}
            </Button>
          </>
        ) : null
      }
    >
      {match.isError && <Alert type="error" showIcon role="alert" title={refusalText(match.error)} />}
      {match.data ? (
        <Matched
          matches={match.data}
          choices={choices}
          onChoose={(line, userid) => setChoices({ ...choices, [line]: userid })}
        />
      ) : (
        <>
          <FoundNotice at={foundAt} onForget={drop} />
          <Write text={text} isBusy={match.isPending} onWrite={update} onMatch={match.mutate} />
        </>
      )}
    </Modal>
  );
}

/** A file that was dropped is matched without a further click, once. */
function useAtOnce(file: File | null, match: (file: File) => void): void {
  const done = useRef<File>(undefined);
  useEffect(() => {
    if (file && done.current !== file) {
      done.current = file;
      match(file);
    }
  }, [file, match]);
}

function Write(props: {
  text: string;
  isBusy: boolean;
  onWrite: (text: string) => void;
  onMatch: (list: File | string[]) => void;
}) {
  const { text, isBusy } = props;
  const id = useId();
  const lines = linesOf(text);
  const tooMany = lines.length > mostLines;
  return (
    <Drop onFile={props.onMatch}>
      <p className="quiet" id={`${id}-how`}>
        {t('names.how')}
      </p>
      <div className="field-head">
        <label htmlFor={id}>{t('names.list')}</label>
        <span className="counter" data-over={tooMany}>
          {t('names.lines', { text: number(lines.length), most: number(mostLines) })}
        </span>
      </div>
      <Input.TextArea
        id={id}
        rows={10}
        autoFocus
        value={text}
        placeholder={t('names.hint')}
        aria-describedby={`${id}-how`}
        status={tooMany ? 'error' : ''}
        onChange={(e) => props.onWrite(e.target.value)}
      />
      <div className="names-actions">
        <FileButton onFile={props.onMatch} />
        <Button
          type="primary"
          loading={isBusy}
          disabled={lines.length === 0 || tooMany}
          onClick={() => props.onMatch(lines)}
        >
          {t('names.match')}
        </Button>
      </div>
    </Drop>
  );
}

/** A place to drop a file. */
function Drop(props: { onFile: (file: File) => void; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same
    <div
      className="names"
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        e.stopPropagation();
        const [file] = e.dataTransfer.files;
        if (file) {
          props.onFile(file);
        }
      }}
    >
      {props.children}
    </div>
  );
}

function FileButton({ onFile }: { onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        onChange={(e) => {
          const [file] = e.target.files ?? [];
          e.target.value = '';
          if (file) {
            onFile(file);
          }
        }}
      />
      <Button icon={<FileUp size={16} aria-hidden="true" />} onClick={() => input.current?.click()}>
        {t('names.file')}
      </Button>
    </>
  );
}
