// Whom it is for, and who is left out.

import { Button, Segmented, Switch } from 'antd';
import { ClipboardPaste } from 'lucide-react';
import { lazy, Suspense, useId, useState } from 'react';
import { t } from '../../../shared/words';
import { Picker } from '../../people/picker';
import { type Audience, type Side, withoutPicks, withPicks } from './audience';
import { Chosen } from './chosen';
import type { Composing } from './composing';
import { type Given, linesOf } from './names';
import type { ComposeApp } from './queries';

// A list is pasted now and then; what reads it comes when it is.
const Names = lazy(() => import('./namesdialog'));

export function PeoplePane({ composing, app }: { composing: Composing; app: ComposeApp | undefined }) {
  const { audience } = composing.draft;
  const label = useId();
  const [chosen, setSide] = useState<Side>('to');
  const [names, setNames] = useState<Given | null>(null);
  const change = (next: Audience) => composing.update({ audience: next });
  const side = audience.everyone ? 'without' : chosen;
  return (
    <section
      className="panel compose-people"
      aria-labelledby={label}
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        const [file] = e.dataTransfer.files;
        if (file) {
          setNames({ file, text: '' });
        }
      }}
    >
      <div className="panel-head">
        <h2 id={label}>{t('compose.step.people')}</h2>
        <Button
          size="small"
          icon={<ClipboardPaste size={14} aria-hidden="true" />}
          onClick={() => setNames({ file: null, text: '' })}
        >
          {t('names.open')}
        </Button>
      </div>
      {(app?.everyone || audience.everyone) && <Everyone audience={audience} onChange={change} />}
      <Chosen audience={audience} onChange={change} />
      <div className="compose-side">
        <Segmented<Side>
          block
          name="side"
          aria-label={t('compose.side')}
          value={side}
          options={[
            { value: 'to', label: t('compose.side.to'), disabled: audience.everyone },
            { value: 'without', label: t('compose.side.without') },
          ]}
          onChange={setSide}
        />
      </div>
      <Picker
        picks={audience[side]}
        onPaste={(text) => {
          const isList = linesOf(text).length > 1;
          if (isList) {
            setNames({ file: null, text });
          }
          return isList;
        }}
        onAdd={(more) => change(withPicks(audience, side, more))}
        onRemove={(fewer) => change(withoutPicks(audience, side, fewer))}
      />
      {names && app && (
        <Suspense>
          <Names
            agent={app.agent_id}
            side={side}
            given={names}
            onAdd={(people) => {
              change(withPicks(audience, side, { people }));
              setNames(null);
            }}
            onClose={() => setNames(null)}
          />
        </Suspense>
      )}
    </section>
  );
}

/** With everyone nobody else is named: what was chosen is there again without it. */
function Everyone({ audience, onChange }: { audience: Audience; onChange: (next: Audience) => void }) {
  const id = useId();
  return (
    <div className="compose-everyone">
      <label htmlFor={id}>{t('audience.everyone')}</label>
      <Switch id={id} checked={audience.everyone} onChange={(everyone) => onChange({ ...audience, everyone })} />
    </div>
  );
}
