import type { ReactNode } from 'react';

/** A state: a dot and a word, never a colour alone. */
export function Status(props: { tone: 'good' | 'wait' | 'bad' | 'none'; children: ReactNode }) {
  return (
    <span className="status" data-tone={props.tone}>
      {props.children}
    </span>
  );
}
