import { type ReactNode, useLayoutEffect, useRef } from 'react';

let first = true; // the browser has put the focus where it belongs

/** The page's h1. It takes the focus when one comes from another page, so that it is read. */
export function Heading(props: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!first) {
      heading.current?.focus({ preventScroll: true });
    }
    first = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {props.children}
    </h1>
  );
}
