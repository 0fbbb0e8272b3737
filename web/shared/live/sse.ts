// A reader of text/event-stream (WHATWG HTML, 9.2.6), without EventSource:
// that one can neither be shared by tabs nor say why it failed.

export interface ServerEvent {
  event: string;
  data: string;
  /** The last id the stream has named, '' before the first. */
  id: string;
}

/** Returns a function that takes pieces of text and returns the events they complete. */
export function eventParser(): (piece: string) => ServerEvent[] {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  return (piece) => {
    const events: ServerEvent[] = [];
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line === '') {
        if (data.length > 0) {
          events.push({ event: event || 'message', data: data.join('\n'), id });
        }
        event = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') {
        event = value;
      } else if (field === 'data') {
        data.push(value);
      } else if (field === 'id') {
        id = value;
      }
    }
    return events;
  };
}
