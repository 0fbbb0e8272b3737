// A page that is a notice instead of an inbox: with a sign, what is the
// matter, and what to do.

import { Mail } from 'lucide-react';
import { type ReactNode, useLayoutEffect, useRef } from 'react';

export function Notice(props: { title: string; text: string; children?: ReactNode; inside?: boolean }) {
  const title = useRef<HTMLHeadingElement>(null);
  // What had the focus is gone with the page before: this one is read aloud.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) {
      title.current?.focus();
    }
  }, []);
  const content = (
    <>
      <Mail size={40} strokeWidth={1.4} aria-hidden="true" />
      {props.inside ? (
        <h2>{props.title}</h2>
      ) : (
        <h1 tabIndex={-1} ref={title}>
          {props.title}
        </h1>
      )}
      <p>{props.text}</p>
      {props.children}
    </>
  );
  return props.inside ? <div className="notice inside">{content}</div> : <main className="notice">{content}</main>;
}

/** Grey cards, while the first page is on its way. */
export function Skeleton(props: { label: string }) {
  return (
    <div className="skeletons" role="status" aria-label={props.label}>
      {[120, 200, 90].map((height) => (
        <div className="skeleton" key={height} style={{ height }} />
      ))}
    </div>
  );
}
