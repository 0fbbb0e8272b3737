// A field for a link that came to another device than the one that opens the page.

import { type FormEvent, useId, useState } from 'react';

export function PasteLink<Link>(props: {
  label: string;
  example: string;
  go: string;
  wrong: string;
  /** What is useful of a text; null where it is no such link. */
  read: (text: string) => Link | null;
  onLink: (link: Link) => void;
}) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const field = useId();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const link = props.read(text);
    setWrong(link === null);
    if (link !== null) {
      props.onLink(link);
    }
  };
  return (
    <form className="paste" onSubmit={submit} noValidate>
      <label htmlFor={field}>{props.label}</label>
      <div className="paste-row">
        <input
          id={field}
          type="text"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={props.example}
          value={text}
          aria-invalid={wrong}
          aria-describedby={wrong ? `${field}-wrong` : undefined}
          onInput={(e) => setText(e.currentTarget.value)}
        />
        <button type="submit" className="button primary">
          {props.go}
        </button>
      </div>
      {wrong && (
        <p className="paste-wrong" id={`${field}-wrong`} role="alert">
          {props.wrong}
        </p>
      )}
    </form>
  );
}
