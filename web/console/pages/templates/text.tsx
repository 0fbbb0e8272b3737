// The text of a template: parameters show as chips, what is wrong as waves.
// Tab leaves the field, as it leaves any other.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { Annotation, EditorState, type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  MatchDecorator,
  placeholder,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { type RefObject, useEffect, useImperativeHandle, useRef } from 'react';
import type { Finding } from './findings';

export interface TextHandle {
  /** Writes at the cursor, in place of what is chosen. */
  insert: (text: string) => void;
  /** Puts the cursor into a line, from 1. */
  go: (line: number) => void;
}

interface Props {
  value: string;
  label: string;
  hint: string;
  findings: readonly Finding[];
  onChange: (text: string) => void;
  onBlur: () => void;
  handle: RefObject<TextHandle | null>;
  /** Offers parameters to insert; on Alt+/. */
  onInsert: () => void;
}

export function Text(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const made = new EditorView({
      parent: box.current as HTMLElement,
      state: EditorState.create({ doc: latest.current.value, extensions: extensions(latest) }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  // What is written elsewhere: a correction, a version of somebody else.
  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== props.value) {
      const changes = { from: 0, to: now.state.doc.length, insert: props.value };
      now.dispatch({ changes, annotations: given.of(true) });
    }
  }, [props.value]);
  useEffect(() => {
    view.current?.dispatch({ effects: found.of(props.findings) });
  }, [props.findings]);
  useImperativeHandle(props.handle, () => ({
    insert: (text) => {
      const now = view.current;
      now?.dispatch(now.state.replaceSelection(text));
      now?.focus();
    },
    go: (line) => {
      const now = view.current;
      if (now) {
        const at = now.state.doc.line(Math.min(line, now.state.doc.lines)).from;
        now.dispatch({ selection: { anchor: at }, scrollIntoView: true });
        now.focus();
      }
    },
  }));
  return <div className="text-field" ref={box} />;
}

/** Of a change that was made elsewhere: nobody has written it here. */
const given = Annotation.define<boolean>();

function extensions(latest: RefObject<Props>): Extension[] {
  return [
    history(),
    keymap.of([
      { key: 'Backspace', run: chooseChip },
      {
        key: 'Alt-/',
        run: () => {
          latest.current.onInsert();
          return true;
        },
      },
      ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'), // which submits, as everywhere
      ...historyKeymap,
    ]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': latest.current.label, 'aria-multiline': 'true' }),
    placeholder(latest.current.hint),
    chips,
    waves,
    EditorView.updateListener.of((u) => {
      if (u.docChanged && !u.transactions.some((one) => one.annotation(given))) {
        latest.current.onChange(u.state.doc.toString());
      }
    }),
    EditorView.domEventHandlers({ blur: () => latest.current.onBlur() }),
  ];
}

const matcher = new MatchDecorator({
  regexp: /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g,
  decoration: Decoration.mark({ class: 'text-chip' }),
});

const chips = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = matcher.createDeco(view);
    }
    update(u: ViewUpdate) {
      this.decorations = matcher.updateDeco(u, this.decorations);
    }
  },
  {
    decorations: (p) => p.decorations,
    // The cursor passes a chip in one step.
    provide: (p) => EditorView.atomicRanges.of((view) => view.plugin(p)?.decorations ?? Decoration.none),
  },
);

/** Backspace behind a chip chooses it first; the next one deletes it. */
function chooseChip(view: EditorView): boolean {
  const { main } = view.state.selection;
  if (!main.empty) {
    return false;
  }
  let chosen = false;
  view.plugin(chips)?.decorations.between(main.head, main.head, (from, to) => {
    if (to === main.head && !chosen) {
      chosen = true;
      view.dispatch({ selection: { anchor: from, head: to } });
    }
  });
  return chosen;
}

const found = StateEffect.define<readonly Finding[]>();

/** A wave under each line that something is wrong with. They move with the text until it is checked again. */
const waves = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(found)) {
        return wavesOf(transaction.state, effect.value);
      }
    }
    return shown.map(transaction.changes);
  },
  provide: (f) => EditorView.decorations.from(f),
});

function wavesOf(state: EditorState, findings: readonly Finding[]): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const lines = new Map<number, Finding>();
  for (const finding of findings) {
    if (finding.field === 'content' && finding.line && lines.get(finding.line)?.severity !== 'error') {
      lines.set(finding.line, finding);
    }
  }
  for (const [n, finding] of [...lines].sort(([a], [b]) => a - b)) {
    if (n <= state.doc.lines) {
      const line = state.doc.line(n);
      if (line.length > 0) {
        builder.add(line.from, line.to, Decoration.mark({ class: `text-wave ${finding.severity}` }));
      }
    }
  }
  return builder.finish();
}
