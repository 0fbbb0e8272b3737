// What has become of each line of a list: who is meant, who could be, who is not
// known, and what was there already. Each can be taken along as a file.

import { Button, Select } from 'antd';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { saveFile } from '../../form/savefile';
import { number } from '../notifications/model';
import { type Choices, csv, type Matches, type Part, parts, rowsOf, undecided } from './names';

interface Props {
  matches: Matches;
  choices: Choices;
  onChoose: (line: number, userid: string) => void;
}

export function Matched(props: Props) {
  const { matches, choices } = props;
  const [part, setPart] = useState<Part>(
    parts.find((one) => one !== 'matched' && matches[one].length > 0) ?? 'matched',
  );
  const open = undecided(matches, choices);
  const others = matches[part].length - shown;
  return (
    <div className="names">
      <nav className="lists" aria-label={t('names.parts')}>
        {parts.map((one) => (
          <button key={one} type="button" className="list-tab" aria-current={one === part} onClick={() => setPart(one)}>
            {t(`names.${one}`)} {number(matches[one].length)}
          </button>
        ))}
      </nav>
      <div className="names-head">
        <p className="quiet" role="status">
          {open > 0 ? t('names.undecided', { count: open, text: number(open) }) : ''}
        </p>
        {matches[part].length > 0 && (
          <Button size="small" icon={<Download size={14} aria-hidden="true" />} onClick={() => download(matches, part)}>
            {t('names.download')}
          </Button>
        )}
      </div>
      {matches[part].length === 0 && <p className="picks-none">{t('people.none')}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too */}
      <ul className="names-list" aria-label={t(`names.${part}`)} tabIndex={0}>
        {part === 'ambiguous' ? <Ambiguous {...props} /> : <Lines matches={matches} part={part} />}
        {others > 0 && <li className="picks-none">{t('names.others', { count: others, text: number(others) })}</li>}
      </ul>
    </div>
  );
}

const shown = 200; // the file has all of them

function Lines({ matches, part }: { matches: Matches; part: Exclude<Part, 'ambiguous'> }) {
  const lines: readonly { line: number; text: string; userid?: string; name?: string }[] = matches[part];
  return (
    <>
      {lines.slice(0, shown).map(({ line, text, userid, name }) => (
        <li key={line} className="names-line">
          <span className="names-number">{line}</span>
          <span className="names-text">{text}</span>
          <span className="names-who">
            {name} {userid && <code>{userid}</code>}
          </span>
        </li>
      ))}
    </>
  );
}

function Ambiguous({ matches, choices, onChoose }: Props) {
  return matches.ambiguous.slice(0, shown).map(({ line, text, candidates, more }) => (
    <li key={line} className="names-line">
      <span className="names-number">{line}</span>
      <span className="names-text">{text}</span>
      <span className="names-who">
        <Select
          aria-label={t('names.choose', { text })}
          placeholder={t('names.which')}
          value={choices[line] ?? null}
          popupMatchSelectWidth={false}
          options={[
            ...candidates.map((c) => ({
              value: c.userid,
              label: [c.name, c.job_number || c.userid, c.departments.map((d) => d.path).join(t('audience.and'))]
                .filter(Boolean)
                .join(' · '),
            })),
            { value: '', label: more ? t('names.noneOfSome') : t('names.noneOf') },
          ]}
          onChange={(userid) => onChoose(line, userid)}
        />
      </span>
    </li>
  ));
}

const heads: Readonly<Record<Part, readonly string[]>> = {
  matched: ['line', 'text', 'userid', 'name'],
  ambiguous: ['line', 'text', 'userid', 'name'],
  unknown: ['line', 'text'],
  repeated: ['line', 'text', 'userid'],
};

function download(matches: Matches, part: Part): void {
  const file = new Blob([csv([heads[part], ...rowsOf(matches, part)])], { type: 'text/csv' });
  saveFile(file, `${part}.csv`);
}
