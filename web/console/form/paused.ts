import { useEffect, useState } from 'react';

const pause = 400;

/** What is written as it was when its writer last paused. */
export function usePaused<T>(written: T): T {
  const [paused, setPaused] = useState(written);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(written), pause);
    return () => clearTimeout(timer);
  }, [written]);
  return paused;
}
