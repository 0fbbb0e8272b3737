// A page that says one thing, with a sign, and is read aloud as it comes.

import { type ReactNode, useLayoutEffect, useRef } from 'react';

export function NoticePage(props: { title: string; sign: ReactNode; children: ReactNode }) {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  return (
    <main className="notice">
      {props.sign}
      <h1 tabIndex={-1} ref={title}>
        {props.title}
      </h1>
      {props.children}
    </main>
  );
}
