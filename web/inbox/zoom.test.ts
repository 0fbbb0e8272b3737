import { describe, expect, it } from 'vitest';
import { largest, moved, whole, zoomed } from './zoom';

const room = { picture: { width: 300, height: 200 }, screen: { width: 400, height: 800 } };

describe('a picture in the viewer', () => {
  it('grows around the place that is pointed at', () => {
    const at = { x: 100, y: 0 };
    const view = zoomed(whole, 4, at, room);
    // What was 100 to the right of the middle is still there.
    expect(view.x + (at.x - whole.x) * view.scale).toBe(at.x);
    expect(view.scale).toBe(4);
  });

  it('is never smaller than the screen allows nor larger than eight times', () => {
    expect(zoomed(whole, 0.1, whole, room)).toEqual(whole);
    expect(zoomed(whole, 100, whole, room).scale).toBe(largest);
  });

  it('is moved no further than to its edges', () => {
    expect(moved(whole, { x: 50, y: 50 }, room)).toEqual(whole);
    const large = zoomed(whole, 2, whole, room); // 600 × 400 of 400 × 800
    expect(moved(large, { x: 500, y: 500 }, room)).toEqual({ scale: 2, x: 100, y: 0 });
    expect(moved(large, { x: -30, y: 0 }, room).x).toBe(-30);
  });
});
