// One template: written in where it is a draft, else shown.

import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useOrg } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { Editor } from './editor';
import { type At, type Template, templateQuery } from './queries';
import { Shown } from './shown';
import './templates.css';
import './editor.css';

export default function TemplatePage() {
  const org = useOrg();
  const { agent, id } = useParams({ from: '/templates/$agent/$id' });
  const at = useMemo(() => ({ org, agent, id }), [org, agent, id]);
  const query = useQuery(templateQuery(at));
  if (query.isError && !query.data) {
    return <Failed page error={query.error} onRetry={() => void query.refetch()} />;
  }
  return query.data ? <Written key={id} at={at} template={query.data} /> : <Loading />;
}

function Written({ at, template }: { at: At; template: Template }) {
  // What is live or was sent back is written in once somebody says so; the first save makes a draft of it.
  const [begun, setBegun] = useState<number | null>(null);
  const { newest, may } = template;
  const isDraft = newest.state === 'draft';
  useEffect(() => {
    if (isDraft) {
      setBegun(null); // once the draft is given up, it is shown again
    }
  }, [isDraft]);
  if (may.write && (isDraft || begun === newest.number)) {
    return <Editor at={at} template={template} />; // the same one, whatever others save: what is written in it stays
  }
  return <Shown at={at} template={template} onBegin={() => setBegun(newest.number)} />;
}
