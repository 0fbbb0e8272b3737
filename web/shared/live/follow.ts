// How a page follows an organization's events: through the shared worker where
// the browser has one, else by a stream of its own that rests while nobody
// looks at the page.

import { ownScript } from '../trusted';
import { beat, type FromWorker, type ToWorker } from './protocol';
import { type Heard, Switchboard } from './switchboard';
import workerAddress from './worker?sharedworker&url';

export type { Heard } from './switchboard';

/** Follows an organization's events after a revision until the function returned is called. */
export type Follow = (corpID: string, after: number, hear: (heard: Heard) => void) => () => void;

export function follower(): Follow {
  if (typeof SharedWorker === 'undefined') {
    return whileVisible();
  }
  try {
    return throughWorker(new SharedWorker(ownScript(workerAddress), { type: 'module', name: 'tidings-live' }));
  } catch {
    return whileVisible();
  }
}

function throughWorker(worker: SharedWorker): Follow {
  const lines = new Map<number, (from: FromWorker) => void>();
  let next = 1;
  const say = (message: ToWorker) => worker.port.postMessage(message);
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => lines.get(data.line)?.(data);
  setInterval(() => say({ say: 'here' }), beat);
  addEventListener('online', () => say({ say: 'hurry' }));
  addEventListener('offline', () => say({ say: 'lost' }));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      say({ say: 'hurry' });
    }
  });
  addEventListener('pagehide', () => say({ say: 'bye' }));
  return (corpID, after, hear) => {
    const line = next++;
    let known = after;
    const follow = () => say({ say: 'follow', line, corpID, after: known });
    lines.set(line, ({ heard }) => {
      if (!heard) {
        follow();
        return;
      }
      known = Math.max(known, heard.kind === 'event' ? heard.revision : 0);
      hear(heard);
    });
    follow();
    return () => {
      lines.delete(line);
      say({ say: 'leave', line });
    };
  };
}

// A phone shows one page at a time, and a hidden one needs no news: it catches
// up from the last revision it knew when it is looked at again.
function whileVisible(): Follow {
  const board = new Switchboard();
  addEventListener('online', () => board.hurry());
  addEventListener('offline', () => board.lost());
  return (corpID, after, hear) => {
    let known = after;
    let leave: (() => void) | undefined;
    const listen = (heard: Heard) => {
      if (heard.kind === 'event') {
        known = Math.max(known, heard.revision);
      }
      hear(heard);
    };
    const turn = () => {
      if (document.visibilityState === 'hidden') {
        leave?.();
        leave = undefined;
      } else if (!leave) {
        leave = board.follow(corpID, known, listen);
      }
    };
    document.addEventListener('visibilitychange', turn);
    turn();
    return () => {
      document.removeEventListener('visibilitychange', turn);
      leave?.();
    };
  };
}
