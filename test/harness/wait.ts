import { setTimeout as sleep } from 'node:timers/promises';

/** Thrown by a check to say that waiting longer is of no use. */
export class Fatal extends Error {
  override readonly name = 'Fatal';
}

export interface WaitOptions {
  /** @default 60 */
  readonly seconds?: number;
  /** Between two tries. @default 0.2 */
  readonly intervalSeconds?: number;
}

/**
 * Calls `check` until it returns something other than `false`, `null` or `undefined`, and returns that. A check that throws
 * is tried again, unless it throws a `Fatal`. On giving up the error says what was waited for, how long, and the last failure.
 */
export async function waitFor<T>(
  what: string,
  check: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { seconds = 60, intervalSeconds = 0.2 } = options;
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const attempt = await tryOnce(check, Math.max(end - Date.now(), 0));
    if ('value' in attempt) return attempt.value;
    if (Date.now() >= end) {
      throw new Error(`gave up waiting for ${what} after ${seconds} s: ${attempt.failure}`, { cause: attempt.cause });
    }
    await sleep(Math.min(intervalSeconds * 1000, Math.max(end - Date.now(), 1)));
  }
}

type Attempt<T> = { value: Exclude<T, false | null | undefined> } | { failure: string; cause?: unknown };

async function tryOnce<T>(check: () => T | Promise<T>, milliseconds: number): Promise<Attempt<T>> {
  const expired = new AbortController();
  const late = sleep(Math.max(milliseconds, 1), undefined, { signal: expired.signal }).then(
    () => ({ failure: 'the last check did not return' }),
    () => ({ failure: 'the last check did not return' }),
  );
  try {
    return await Promise.race([attempt(check), late]);
  } finally {
    expired.abort();
  }
}

async function attempt<T>(check: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    const value = await check();
    if (value === false || value === null || value === undefined)
      return { failure: `the last check returned ${value}` };
    return { value: value as Exclude<T, false | null | undefined> };
  } catch (error) {
    if (error instanceof Fatal) throw error;
    return { failure: error instanceof Error ? error.message : String(error), cause: error };
  }
}
