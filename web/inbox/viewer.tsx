// A picture by itself, on black: dragged, pinched, or moved with keys.

import { X, ZoomIn, ZoomOut } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useBack } from '../shared/look/back';
import { useModal } from '../shared/look/dialog';
import { t } from '../shared/words';
import { moved, type Point, type Room, type View, whole, zoomed } from './zoom';

const step = 1.5; // of a key, a button
const large = 2.5; // of a click
const push = 80; // pixels of an arrow key
const still = 4; // pixels that a click may move

export function Picture(props: { source: string; text: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const [view, setView] = useState(whole);
  const room = () => roomOf(dialog.current, image.current);
  const zoom = (factor: number, at: Point = { x: 0, y: 0 }) => setView((v) => zoomed(v, factor, at, room()));
  const move = (by: Point) => setView((v) => moved(v, by, room()));
  const close = () => dialog.current?.close();
  useBack(close);
  useModal(dialog);
  const hands = useHands(zoom, move, (at, onPicture) => {
    if (onPicture) {
      setView((v) => (v.scale > 1 ? whole : zoomed(v, large, at, room())));
    } else {
      close();
    }
  });
  useWheel(dialog, zoom);
  const key = (e: React.KeyboardEvent) => {
    const verb = keys(zoom, move, () => setView(whole))[e.key];
    if (verb) {
      e.preventDefault();
      verb();
    }
  };
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={props.text || t('picture.title')}
      onClose={props.onClose}
      onKeyDown={key}
    >
      <div className="viewer-stage" data-large={view.scale > 1} {...hands}>
        <img ref={image} src={props.source} alt={props.text} draggable={false} style={{ transform: transform(view) }} />
      </div>
      <div className="viewer-bar">
        <Tool name={t('picture.smaller')} onClick={() => zoom(1 / step)}>
          <ZoomOut size={20} aria-hidden="true" />
        </Tool>
        <Tool name={t('picture.larger')} onClick={() => zoom(step)}>
          <ZoomIn size={20} aria-hidden="true" />
        </Tool>
        <Tool name={t('close')} onClick={close}>
          <X size={20} aria-hidden="true" />
        </Tool>
      </div>
    </dialog>
  );
}

function Tool(props: { name: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className="icon-button" aria-label={props.name} title={props.name} onClick={props.onClick}>
      {props.children}
    </button>
  );
}

type Zoom = (factor: number, at?: Point) => void;
type Move = (by: Point) => void;

function keys(zoom: Zoom, move: Move, reset: () => void): Record<string, (() => void) | undefined> {
  return {
    '+': () => zoom(step),
    '=': () => zoom(step),
    '-': () => zoom(1 / step),
    '0': reset,
    ArrowLeft: () => move({ x: push, y: 0 }),
    ArrowRight: () => move({ x: -push, y: 0 }),
    ArrowUp: () => move({ x: 0, y: push }),
    ArrowDown: () => move({ x: 0, y: -push }),
  };
}

// One finger or the mouse drags, two fingers pinch, what does not move is a click.
function useHands(zoom: Zoom, move: Move, click: (at: Point, onPicture: boolean) => void) {
  const down = useRef(new Map<number, Point>());
  const travelled = useRef(0);
  return {
    onPointerDown: (e: React.PointerEvent) => {
      if (e.button === 0) {
        travelled.current = down.current.size > 0 ? still + 1 : 0; // a second finger makes no click
        down.current.set(e.pointerId, placeOf(e));
        (e.currentTarget as Element).setPointerCapture(e.pointerId);
      }
    },
    onPointerMove: (e: React.PointerEvent) => {
      const before = down.current.get(e.pointerId);
      if (!before) {
        return;
      }
      const now = placeOf(e);
      const other = [...down.current].find(([id]) => id !== e.pointerId)?.[1];
      travelled.current += distance(before, now);
      down.current.set(e.pointerId, now);
      if (other) {
        zoom(distance(now, other) / Math.max(1, distance(before, other)), between(now, other));
      } else {
        move({ x: now.x - before.x, y: now.y - before.y });
      }
    },
    onPointerUp: (e: React.PointerEvent) => {
      if (down.current.delete(e.pointerId) && travelled.current <= still) {
        const under = document.elementFromPoint(e.clientX, e.clientY);
        click(placeOf(e), under instanceof HTMLImageElement);
      }
    },
    onPointerCancel: (e: React.PointerEvent) => {
      down.current.delete(e.pointerId);
    },
  };
}

// By hand, since the page behind must not be zoomed instead.
function useWheel(dialog: React.RefObject<HTMLDialogElement | null>, zoom: Zoom): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const wheel = (e: WheelEvent) => {
      e.preventDefault();
      latest.current(Math.exp(-e.deltaY / 300), placeOf(e));
    };
    const element = dialog.current;
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, [dialog]);
}

// From the middle of the screen, which the viewer fills.
function placeOf(e: { clientX: number; clientY: number }): Point {
  return { x: e.clientX - innerWidth / 2, y: e.clientY - innerHeight / 2 };
}

function roomOf(dialog: HTMLElement | null, image: HTMLElement | null): Room {
  return {
    picture: { width: image?.offsetWidth ?? 0, height: image?.offsetHeight ?? 0 },
    screen: { width: dialog?.clientWidth ?? 0, height: dialog?.clientHeight ?? 0 },
  };
}

function transform(view: View): string {
  return `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);
const between = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
