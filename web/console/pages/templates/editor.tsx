// Writing a template: its fields on the left; on the right how it looks, what
// is wrong with it, and its parameters.

import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { t } from '../../../shared/words';
import { usePaused } from '../../form/paused';
import { useSaveKey } from '../../form/savekey';
import { useOrg } from '../../shell/session';
import { EditorBar } from './bar';
import { Checks } from './checks';
import { Fields } from './formfields';
import { Notices } from './notices';
import { Parameters } from './parameters';
import { Look } from './preview';
import { type At, checkQuery, type Template } from './queries';
import type { TextHandle } from './text';
import { useValues } from './values';
import { useWriting } from './writing';

export function Editor({ at, template }: { at: At; template: Template }) {
  const writing = useWriting(at, template);
  const { form, update } = writing;
  const org = useOrg();
  const values = useValues(at);
  const { given } = values;
  const asked = usePaused(useMemo(() => ({ form, given }), [form, given]));
  const check = useQuery(checkQuery(org, at.agent, asked.form, asked.given));
  const text = useRef<TextHandle>(null);
  const [part, setPart] = useState<Part>('write');
  const all = check.data?.findings ?? [];
  // What does not fit of the author's own values is said beside them: it is no fault of the template.
  const findings = given ? all.filter((f) => !f.field.startsWith('values')) : all;
  useSaveKey(() => void writing.flush());
  return (
    <div className="editor" data-part={part}>
      <EditorBar at={at} template={template} writing={writing} findings={findings} />
      <Notices at={at} template={template} writing={writing} />
      <Parts part={part} onChange={setPart} />
      <div className="editor-columns">
        <Fields
          agent={at.agent}
          form={form}
          findings={findings}
          update={update}
          onBlur={() => void writing.flush()}
          text={text}
        />
        <div className="editor-right">
          <Look check={check} form={form} values={values} />
          <Checks findings={findings} form={form} update={update} text={text} />
          <Parameters form={form} findings={findings} update={update} onBlur={() => void writing.flush()} />
        </div>
      </div>
    </div>
  );
}

type Part = 'write' | 'look';

/** On a phone the preview takes the place of what is written. */
function Parts(props: { part: Part; onChange: (part: Part) => void }) {
  return (
    <nav className="lists editor-parts only-phone" aria-label={t('editor.parts')}>
      {(['write', 'look'] as const).map((part) => (
        <button
          key={part}
          type="button"
          className="list-tab"
          aria-current={part === props.part}
          onClick={() => props.onChange(part)}
        >
          {t(`editor.${part}`)}
        </button>
      ))}
    </nav>
  );
}
