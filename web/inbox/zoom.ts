// How a picture stands in the viewer: pure arithmetic, in pixels from the middle.

export interface Point {
  x: number;
  y: number;
}

export interface View extends Point {
  /** 1 shows the whole picture. */
  scale: number;
}

/** What the picture takes up when it is shown as a whole, and the room there is. */
export interface Room {
  picture: { width: number; height: number };
  screen: { width: number; height: number };
}

export const whole: View = { scale: 1, x: 0, y: 0 };
export const largest = 8;

/** Zooms by a factor; the point of the picture that is at a place stays there. */
export function zoomed(view: View, factor: number, at: Point, room: Room): View {
  const scale = Math.min(Math.max(view.scale * factor, 1), largest);
  const grown = scale / view.scale;
  return kept({ scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown }, room);
}

export function moved(view: View, by: Point, room: Room): View {
  return kept({ ...view, x: view.x + by.x, y: view.y + by.y }, room);
}

// No edge of the picture comes further in than it must.
function kept(view: View, { picture, screen }: Room): View {
  const within = (at: number, size: number, room: number) => {
    const most = Math.max(0, (size * view.scale - room) / 2);
    return Math.min(Math.max(at, -most), most);
  };
  return {
    scale: view.scale,
    x: within(view.x, picture.width, screen.width),
    y: within(view.y, picture.height, screen.height),
  };
}
