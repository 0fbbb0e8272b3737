// How a page follows an organization's events: through the shared worker where
// the browser has one, else by a stream of its own that rests while nobody
// looks at the page.

import { ownScript } from '../trusted';
import { beat, type FromWorker, type ToWorker } from './protocol';
import { type Following, type Heard, Switchboard, type Wish } from './switchboard';
import workerAddress from './worker?sharedworker&url';

export type { Following, Heard, Wish } from './switchboard';

/** Follows what is wished for until it is left. */
export type Follow = (wish: Wish, hear: (heard: Heard) => void) => Following;

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
  return (first, hear) => {
    const line = next++;
    let wish = first;
    const follow = () => say({ say: 'follow', line, wish });
    lines.set(line, ({ heard }) => {
      if (!heard) {
        follow();
        return;
      }
      wish = known(wish, heard);
      hear(heard);
    });
    follow();
    return {
      leave: () => {
        lines.delete(line);
        say({ say: 'leave', line });
      },
      watch: (watch) => {
        wish = { ...wish, watch };
        say({ say: 'watch', line, watch });
      },
    };
  };
}

/** The wish of somebody who has heard that. */
function known(wish: Wish, heard: Heard): Wish {
  return heard.kind === 'event' && heard.revision > wish.after
    ? { ...wish, after: heard.revision || wish.after }
    : wish;
}

// A phone shows one page at a time, and a hidden one needs no news: it catches
// up from the last revision it knew when it is looked at again.
function whileVisible(): Follow {
  const board = new Switchboard();
  addEventListener('online', () => board.hurry());
  addEventListener('offline', () => board.lost());
  return (first, hear) => {
    let wish = first;
    let following: Following | undefined;
    const listen = (heard: Heard) => {
      wish = known(wish, heard);
      hear(heard);
    };
    const turn = () => {
      if (document.visibilityState === 'hidden') {
        following?.leave();
        following = undefined;
      } else {
        following ??= board.follow(wish, listen);
      }
    };
    document.addEventListener('visibilitychange', turn);
    turn();
    return {
      leave: () => {
        document.removeEventListener('visibilitychange', turn);
        following?.leave();
      },
      watch: (watch) => {
        wish = { ...wish, watch };
        following?.watch(watch);
      },
    };
  };
}
