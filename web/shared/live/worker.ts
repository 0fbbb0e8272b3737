// The shared worker: one stream per organization for all tabs of the inbox, and one
// for all of the console. HTTP/1.1 allows six connections to a host, so a stream for
// each tab would leave none for anything else.

import { deadAfter, type FromWorker, type ToWorker } from './protocol';
import { type Following, Switchboard } from './switchboard';

const board = new Switchboard();

(self as unknown as { onconnect: (e: MessageEvent) => void }).onconnect = ({ ports }) => {
  for (const port of ports) {
    serve(port);
  }
};

// A port does not say when its tab is gone: the tab says so, or falls silent.
function serve(port: MessagePort): void {
  const lines = new Map<number, Following>();
  let silence: ReturnType<typeof setTimeout>;
  const close = () => {
    clearTimeout(silence);
    for (const [line, following] of lines) {
      following.leave();
      port.postMessage({ line, dropped: true } satisfies FromWorker);
    }
    lines.clear();
  };
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    clearTimeout(silence);
    silence = setTimeout(close, deadAfter);
    if (data.say === 'follow') {
      const hear: Parameters<Switchboard['follow']>[1] = (heard) =>
        port.postMessage({ line: data.line, heard } satisfies FromWorker);
      lines.set(data.line, board.follow(data.wish, hear));
    } else if (data.say === 'watch') {
      lines.get(data.line)?.watch(data.watch);
    } else if (data.say === 'leave') {
      lines.get(data.line)?.leave();
      lines.delete(data.line);
    } else if (data.say === 'hurry') {
      board.hurry();
    } else if (data.say === 'lost') {
      board.lost();
    } else if (data.say === 'bye') {
      close();
    }
  };
}
