import { setTimeout as sleep } from 'node:timers/promises';
import type { AppPlan } from '../plan.js';
import type { Ask } from './verify.js';

/** What became of requests that were sent while something happened. */
export interface Traffic {
  readonly sent: number;
  /** No answer, or one of status 500 and above. */
  readonly lost: number;
}

/** Requests that are under way at once. */
export const SENDERS = 4;

/** Milliseconds between two requests of one sender. */
const PAUSE = 50;

/** Sends GETs to the apps while `action` runs. */
export async function underTraffic(ask: Ask, apps: readonly AppPlan[], action: () => Promise<void>): Promise<Traffic> {
  const over = new AbortController();
  const counts = { sent: 0, lost: 0 };
  const senders = Array.from({ length: SENDERS }, (_, number) => sending(number, ask, apps, counts, over.signal));
  try {
    await action();
  } finally {
    over.abort();
    await Promise.all(senders);
  }
  return counts;
}

async function sending(
  first: number,
  ask: Ask,
  apps: readonly AppPlan[],
  counts: { sent: number; lost: number },
  over: AbortSignal,
): Promise<void> {
  for (let number = first; !over.aborted; number++) {
    const app = apps[number % apps.length];
    if (!app) return;
    counts.sent++;
    const status = await ask({ host: app.host, path: app.path }).then(
      (answer) => answer?.status ?? 0,
      () => 0,
    );
    if (status === 0 || status >= 500) counts.lost++;
    await sleep(PAUSE, undefined, { signal: over }).catch(() => undefined);
  }
}
