import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { inNetwork } from './engines.js';
import {
  readEvents,
  sendRequest,
  talkWebSocket,
  type EventsOptions,
  type EventsResult,
  type HttpResponse,
  type LoadOptions,
  type LoadReport,
  type RequestOptions,
  type WebSocketOptions,
  type WebSocketResult,
} from './http.js';

/** The machine whose network a request leaves from (`addClientMachine`, a node, an engine). @default the host */
export interface From {
  readonly from?: { readonly netns?: string };
}

/** One HTTP request on a new connection. */
export function request(options: RequestOptions & From): Promise<HttpResponse> {
  return options.from?.netns ? perform<HttpResponse>('request', options).result : sendRequest(options);
}

/** A WebSocket: handshake, messages, answers, and how it ended. */
export function webSocket(options: WebSocketOptions & From): Promise<WebSocketResult> {
  return options.from?.netns ? perform<WebSocketResult>('webSocket', options).result : talkWebSocket(options);
}

/** Server-sent events, each with the time it came. */
export function serverSentEvents(options: EventsOptions & From): Promise<EventsResult> {
  return options.from?.netns ? perform<EventsResult>('events', options).result : readEvents(options);
}

/** Bounded load from a process of its own, so that a busy test process loses no requests. */
export function load(options: LoadOptions & From): Promise<LoadReport> {
  return perform<LoadReport>('load', options).result;
}

export interface RunningLoad {
  /** Ends it and waits for what is under way. */
  stop(): Promise<LoadReport>;
  /** Ends it at once; there is no report. */
  abandon(): void;
}

/** Load that goes on while the test does something, at most `seconds` (600). */
export function startLoad(options: LoadOptions & From): RunningLoad {
  const job = perform<LoadReport>('load', options);
  job.result.catch(() => {}); // reported by stop()
  return { stop: () => (job.end(), job.result), abandon: () => job.kill() };
}

const worker = join(import.meta.dirname, 'client-worker.ts');

function perform<T>(
  kind: string,
  { from, ...options }: From & object,
): { result: Promise<T>; end(): void; kill(): void } {
  const [command = '', ...args] = [
    ...(from ? inNetwork(from) : []),
    process.execPath,
    '--import',
    import.meta.resolve('jiti/register'),
    worker,
  ];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify({ kind, options })}\n`);
  const result = new Promise<T>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      if (output.stdout === '') return reject(new Error(`the client ended with ${code}: ${output.stderr}`));
      const answer = JSON.parse(output.stdout) as { result: T } | { error: { message: string; code?: string } };
      if ('result' in answer) return resolve(answer.result);
      reject(Object.assign(new Error(answer.error.message), answer.error));
    });
  });
  return { result, end: () => child.stdin.end(), kill: () => child.kill() };
}
