// The field of ⌘K and what it finds, as one list that the arrow keys go through.

import { Link } from '@tanstack/react-router';
import { Input, type InputRef } from 'antd';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { t } from '../../shared/words';
import { usePaused } from '../form/paused';
import { useFound } from './found';
import { refusalText } from './refusal';

export function FindField({ onGo }: { onGo: () => void }) {
  const list = useId();
  const field = useRef<InputRef>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const asked = usePaused(text.trim());
  const { items, pending, error } = useFound(asked);
  const waiting = pending || asked !== text.trim();
  const at = Math.min(chosen, items.length - 1);
  useEffect(() => field.current?.focus(), []); // the dialog is there
  const [hurries, setHurries] = useState(false); // Enter came before what it leads to
  const follow = () => document.getElementById(`${list}-${at}`)?.click();
  useEffect(() => {
    if (hurries && !waiting) {
      setHurries(false);
      follow();
    }
  });
  const keys = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && items.length > 0) {
      e.preventDefault();
      setChosen((at + step + items.length) % items.length);
    }
    if (e.key === 'Enter' && !e.nativeEvent.isComposing) {
      if (waiting) {
        setHurries(true);
      } else {
        follow();
      }
    }
  };
  return (
    <div className="find">
      <Input
        ref={field}
        role="combobox"
        aria-label={t('find')}
        aria-expanded={items.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        {...(items.length > 0 ? { 'aria-activedescendant': `${list}-${at}` } : {})}
        placeholder={t('find.hint')}
        maxLength={64}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          setChosen(0);
          setHurries(false);
        }}
        onKeyDown={keys}
      />
      <div className="find-list" role="listbox" id={list} aria-label={t('find.found')} aria-busy={waiting}>
        {items.map((item, n) => (
          <Link
            {...item.link}
            key={item.key}
            id={`${list}-${n}`}
            className="find-item"
            role="option"
            tabIndex={-1}
            aria-selected={n === at}
            onClick={onGo}
            onMouseMove={() => setChosen(n)}
          >
            <span className="find-name">{item.name}</span>
            <span className="quiet">{item.more}</span>
          </Link>
        ))}
      </div>
      <p className="quiet" role="status">
        {error ? refusalText(error) : asked !== '' && !waiting && items.length === 0 ? t('find.none') : ''}
      </p>
    </div>
  );
}
