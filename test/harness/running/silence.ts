import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningStack } from './running-stack.js';

/** Asks again and again, one request after the other, until it is stopped: then it tells the longest time without an answer, in seconds. */
export function watchForSilence(running: RunningStack): { stop(): Promise<number> } {
  let stopped = false;
  const watching = (async () => {
    let answered = performance.now();
    let longest = 0;
    for (const end = answered + 600_000; !stopped && performance.now() < end;) {
      const status = await running.ask('/', { timeoutSeconds: 5 }).then(
        (answer) => answer.status,
        () => 0,
      );
      longest = Math.max(longest, performance.now() - answered);
      if (status === 200) answered = performance.now();
      await sleep(20);
    }
    return longest / 1000;
  })();
  return { stop: () => ((stopped = true), watching) };
}
