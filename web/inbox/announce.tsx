// Says to who cannot see the stream that messages have come: politely, and
// those of a few seconds together.

import { useEffect, useRef, useState } from 'react';
import { t } from '../shared/words';
import { badgeText } from './badge';
import type { State } from './state';

const gather = 2000; // milliseconds

export function Announce({ arrived }: { arrived: State['arrived'] }) {
  const [said, say] = useState('');
  const told = useRef(arrived.count);
  const latest = useRef(arrived);
  latest.current = arrived;
  const waiting = arrived.count > told.current;
  useEffect(() => {
    if (!waiting) {
      return;
    }
    say(''); // the same words again would be no change, and not be heard
    const timer = setTimeout(() => {
      const { count, app } = latest.current;
      const fresh = count - told.current;
      told.current = count;
      say(t('stream.announced', { count: fresh, text: badgeText(fresh), app }));
    }, gather);
    return () => clearTimeout(timer);
  }, [waiting]);
  return (
    <p className="unseen" role="status" aria-live="polite" data-announced={said !== ''}>
      {said}
    </p>
  );
}
