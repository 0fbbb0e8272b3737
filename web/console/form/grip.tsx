// Drags one of several to another place, by mouse, pen or finger. Whoever uses
// keys has the buttons beside it.

import { GripVertical } from 'lucide-react';
import { type PointerEvent, useEffect, useRef } from 'react';
import { placeAt } from './texts';

const edge = 72; // px from the top or bottom of the window, where the page scrolls along
const speed = 12; // px a frame

/** It stands within an element of the class listed, whose siblings of that class are the others. */
export function Grip(props: { onMove: (to: number) => void }) {
  const drag = useRef<Drag>(null);
  useEffect(() => () => drag.current?.end(), []);
  const begin = (e: PointerEvent<HTMLElement>) => {
    const row = e.currentTarget.closest<HTMLElement>('.listed');
    if (row && e.button === 0 && !drag.current) {
      e.preventDefault(); // nothing is selected meanwhile
      e.currentTarget.setPointerCapture(e.pointerId);
      drag.current = new Drag(row, e.clientY);
    }
  };
  const end = (drop: boolean) => {
    const ended = drag.current;
    drag.current = null;
    ended?.end();
    if (drop && ended && ended.to !== ended.from) {
      props.onMove(ended.to);
    }
  };
  return (
    <span
      className="grip"
      aria-hidden="true"
      onPointerDown={begin}
      onPointerMove={(e) => drag.current?.move(e.clientY)}
      onPointerUp={() => end(true)}
      onLostPointerCapture={() => end(false)}
    >
      <GripVertical size={16} />
    </span>
  );
}

/** One row on its way: it follows the pointer, and a line shows where it would go. */
class Drag {
  readonly from: number;
  to: number;
  private readonly rest: HTMLElement[];
  private readonly begun: number;
  private y: number;
  private frame = 0;
  private over = false;

  constructor(
    private readonly row: HTMLElement,
    y: number,
  ) {
    const all = [...(row.parentElement?.querySelectorAll<HTMLElement>(':scope > .listed') ?? [])];
    this.from = all.indexOf(row);
    this.to = this.from;
    this.rest = all.filter((one) => one !== row);
    this.y = y;
    this.begun = y + scrollY;
    row.dataset.dragged = '';
    document.addEventListener('keydown', this.key, true);
    this.follow();
  }

  move(y: number): void {
    if (!this.over) {
      this.y = y;
      this.place();
    }
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    document.removeEventListener('keydown', this.key, true);
    this.mark(this.from);
    delete this.row.dataset.dragged;
    this.row.style.removeProperty('transform');
  }

  private readonly follow = () => {
    this.scroll();
    this.place();
    this.frame = requestAnimationFrame(this.follow);
  };

  private place(): void {
    this.row.style.setProperty('transform', `translateY(${this.y + scrollY - this.begun}px)`);
    const middles = this.rest.map((one) => {
      const { top, height } = one.getBoundingClientRect();
      return top + height / 2;
    });
    this.to = placeAt(middles, this.y);
    this.mark(this.to);
  }

  private scroll(): void {
    if (this.y < edge) {
      scrollBy(0, -speed);
    } else if (this.y > innerHeight - edge) {
      scrollBy(0, speed);
    }
  }

  /** Shows the place: none where it stood before. */
  private mark(to: number): void {
    this.rest.forEach((one, n) => {
      if (to !== this.from && n === to) {
        one.dataset.drop = 'before';
      } else if (to !== this.from && to === this.rest.length && n === to - 1) {
        one.dataset.drop = 'after';
      } else {
        delete one.dataset.drop;
      }
    });
  }

  private readonly key = (e: KeyboardEvent) => {
    if (e.key === 'Escape') {
      e.preventDefault();
      e.stopPropagation();
      this.end();
      this.over = true;
      this.to = this.from;
    }
  };
}
