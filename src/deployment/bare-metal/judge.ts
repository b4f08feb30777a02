import { RolloutFailure } from '../cause.js';
import { exceptionIn } from '../telling-line.js';
import { isHealthy, type Container } from './containers.js';

/** Seconds beyond its start in which the health check of an app that does not answer has said so three times. */
const LAST_CHECKS = 30;

/** What the state of a new container means. */
export type Verdict =
  | { readonly is: 'healthy' | 'waiting' }
  | { readonly is: 'failed'; readonly why: RolloutFailure['why']; readonly detail: string };

/**
 * @param startup seconds that it may take to start
 * @param waited seconds since it was first seen
 */
export function verdictOf(container: Container, startup: number, waited: number): Verdict {
  const { state, restarts } = container;
  if (state.OOMKilled) return { is: 'failed', why: 'out-of-memory', detail: '' };
  if (restarts > 0 || ['exited', 'dead', 'restarting'].includes(state.Status)) return crashed(container);
  if (isHealthy(container)) return { is: 'healthy' };
  if (state.Health?.Status === 'unhealthy') return { is: 'failed', why: 'unhealthy', detail: lastCheck(container) };
  return waited > startup + LAST_CHECKS
    ? { is: 'failed', why: 'unhealthy', detail: lastCheck(container) || `not healthy after ${startup} s` }
    : { is: 'waiting' };
}

function crashed({ state }: Container): Verdict {
  // Of one that was started again already, the code is gone.
  const code = state.Status === 'running' ? '' : `exit code ${state.ExitCode}`;
  const detail = state.Error === '' ? code : oneLineOf(state.Error);
  return { is: 'failed', why: 'crashed-at-start', detail };
}

/** What the last health check said. */
export function lastCheck({ state }: Container): string {
  return oneLineOf(state.Health?.Log?.at(-1)?.Output ?? '');
}

function oneLineOf(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/** A worker that Gunicorn found killed: its container lives on, so that the engine may say nothing of it. */
const KILLED_WORKER = /was sent SIGKILL! Perhaps out of memory\?/;

/** Whether a process of the app was killed for its memory. */
export function isOutOfMemory(logs: readonly string[]): boolean {
  return logs.some((line) => KILLED_WORKER.test(line));
}

/** The failure of a container, with what it said. */
export function failureOf(
  app: string,
  { why, detail }: Extract<Verdict, { is: 'failed' }>,
  logs: readonly string[],
): RolloutFailure {
  if (why !== 'out-of-memory' && isOutOfMemory(logs))
    return new RolloutFailure('out-of-memory', 'a process was killed', { app, logs: tellingLines(logs) });
  const exception = why === 'crashed-at-start' ? exceptionIn(logs) : undefined;
  return new RolloutFailure(why, [detail, exception].filter(Boolean).join(', '), { app, logs: tellingLines(logs) });
}

/** What Gunicorn says of its own end, after what led to it. */
const NOISE = /\[(INFO|ERROR)\] (Worker \(pid:\d+\) exited|Worker exiting|Shutting down|Reason: Worker failed to boot)/;

/** The last lines that say something, oldest first. */
export function tellingLines(logs: readonly string[], count = 15): string[] {
  const telling = logs.filter((line) => line.trim() !== '' && !NOISE.test(line));
  // A container that was started again has said the same before: the last time is enough.
  const again = telling.findLastIndex((line) => /\[INFO\] Starting gunicorn/.test(line));
  return telling.slice(Math.max(again, 0)).slice(-count);
}

/** The failure that a text of the engine tells of, if it is that of a port. */
export function portFailure(said: string): RolloutFailure | undefined {
  const line = said.split('\n').find((one) => /port is already allocated|address already in use/i.test(one));
  if (line === undefined) return undefined;
  const port = /(?:0\.0\.0\.0|\[::\]|[\d.]+):(\d+)/.exec(line)?.[1];
  return new RolloutFailure('port-in-use', port === undefined ? '' : `port ${port} of the host`, { app: 'nginx' });
}
