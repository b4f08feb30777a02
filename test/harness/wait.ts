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
  let failed: Failed = { failure: 'the last check did not return' };
  for (;;) {
    const attempt = await tryOnce(check, Math.max(end - Date.now(), 0));
    if (attempt && 'value' in attempt) return attempt.value;
    // A check that the end cuts off says less than the one before it.
    failed = attempt ?? failed;
    if (Date.now() >= end) {
      throw new Error(`gave up waiting for ${what} after ${seconds} s: ${failed.failure}`, { cause: failed.cause });
    }
    await sleep(Math.min(intervalSeconds * 1000, Math.max(end - Date.now(), 1)));
  }
}

interface Failed {
  readonly failure: string;
  readonly cause?: unknown;
}

type Attempt<T> = { readonly value: Exclude<T, false | null | undefined> } | Failed;

/** Nothing where the time was over first. */
async function tryOnce<T>(check: () => T | Promise<T>, milliseconds: number): Promise<Attempt<T> | undefined> {
  const expired = new AbortController();
  const nothing = () => undefined;
  const late = sleep(Math.max(milliseconds, 1), undefined, { signal: expired.signal }).then(nothing, nothing);
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
