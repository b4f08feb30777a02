import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `look` again and again until it gives something. Ends with the signal's reason where that is aborted; what `look` throws ends it too.
 * Engines have events, but none that survives a lost connection: the state is asked for.
 */
export async function until<T>(
  look: () => Promise<T | undefined>,
  { signal, everyMilliseconds = 500 }: { readonly signal: AbortSignal; readonly everyMilliseconds?: number },
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    await sleep(everyMilliseconds, undefined, { signal });
  }
}
