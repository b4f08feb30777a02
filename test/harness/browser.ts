import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { waitFor } from './wait.js';

/** Something that the browser told of itself. */
export interface BrowserEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A page in a real browser. */
export interface BrowserPage {
  readonly events: readonly BrowserEvent[];
  /** Calls a method of the Chrome DevTools Protocol. https://chromedevtools.github.io/devtools-protocol/ */
  call<T>(method: string, params?: object): Promise<T>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
}

/** Opens `url` in Chromium, and ends it when `work` is done. */
export async function inBrowser<T>(url: string, work: (page: BrowserPage) => Promise<T>): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'asgi-synth-browser-'));
  const browser = spawn(
    'chromium',
    ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', `--user-data-dir=${profile}`],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  const ended = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => browser.once('error', reject));
  try {
    return await Promise.race([
      failed,
      attached(browser.stdio[3] as Writable, browser.stdio[4] as Readable, url, work),
    ]);
  } finally {
    if (browser.pid !== undefined) await end(browser.pid, ended, profile);
  }
}

/** Ends all processes of the browser, and removes what they wrote: one that just ends may still write there. */
async function end(group: number, ended: Promise<void>, profile: string): Promise<void> {
  process.kill(-group, 'SIGKILL');
  await ended;
  await waitFor('the profile of the browser to go', () => {
    rmSync(profile, { recursive: true, force: true });
    return true;
  });
}

async function attached<T>(
  to: Writable,
  from: Readable,
  url: string,
  work: (page: BrowserPage) => Promise<T>,
): Promise<T> {
  const events: BrowserEvent[] = [];
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const loaded: (() => void)[] = [];
  let rest = '';
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) take(JSON.parse(message) as Message);
  });
  const take = ({ id, result, error, method, params = {} }: Message) => {
    if (method !== undefined) events.push({ method, params });
    if (method === 'Page.loadEventFired') loaded.forEach((tell) => tell());
    const call = id === undefined ? undefined : waiting.get(id);
    if (call === undefined) return;
    if (error) call.reject(new Error(error.message));
    else call.resolve(result as never);
  };
  let last = 0;
  const send = <R>(method: string, params: object, sessionId?: string) =>
    new Promise<R>((resolve, reject) => {
      waiting.set((last += 1), { resolve, reject });
      to.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  const { targetId } = await send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const call = <R>(method: string, params: object = {}) => send<R>(method, params, sessionId);
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await call(`${domain}.enable`);
  const isLoaded = new Promise<void>((resolve) => loaded.push(resolve));
  await call('Page.navigate', { url });
  await isLoaded;
  const evaluate = async <R>(expression: string) => {
    const { result } = await call<{ result: { value: R } }>('Runtime.evaluate', { expression, returnByValue: true });
    return result.value;
  };
  return work({ events, call, evaluate });
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}
