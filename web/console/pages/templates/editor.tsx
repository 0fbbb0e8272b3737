// Writing a template: its fields on the left; on the right how it looks, what
// is wrong with it, and its parameters.

import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
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
import { useWriting } from './writing';

export function Editor({ at, template }: { at: At; template: Template }) {
  const writing = useWriting(at, template);
  const { form, update } = writing;
  const org = useOrg();
  const asked = usePaused(form);
  const check = useQuery(checkQuery(org, at.agent, asked));
  const text = useRef<TextHandle>(null);
  const findings = check.data?.findings ?? [];
  useSaveKey(() => void writing.flush());
  return (
    <div className="editor">
      <EditorBar at={at} template={template} writing={writing} findings={findings} />
      <Notices at={at} template={template} writing={writing} />
      <div className="editor-columns">
        <Fields form={form} findings={findings} update={update} onBlur={() => void writing.flush()} text={text} />
        <div className="editor-right">
          <Look check={check} />
          <Checks findings={findings} form={form} update={update} text={text} />
          <Parameters form={form} update={update} onBlur={() => void writing.flush()} />
        </div>
      </div>
    </div>
  );
}
