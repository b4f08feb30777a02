import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

// Everything here goes through JSON to and from a process in another network namespace: plain data only.

/** Where and as what a request is sent. */
export interface To {
  readonly url: string;
  /** `host:port` to connect to instead of the URL's; the URL still says the Host header. */
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** @default 30 */
  readonly timeoutSeconds?: number;
}

export interface RequestOptions extends To {
  /** @default 'GET' */
  readonly method?: string;
  /** Text, or that many bytes of `x`. */
  readonly body?: string | { readonly bytes: number };
  /** Send the body without a Content-Length. */
  readonly chunked?: boolean;
  /** Read no more than that many chunks, then hang up: what a client does that loses its patience. */
  readonly hangUpAfterChunks?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  /** When each piece of the body came, in milliseconds since the request. Tells whether something on the way buffers. */
  readonly chunks: readonly { readonly at: number; readonly text: string }[];
  readonly milliseconds: number;
}

/** One request on a connection of its own. Rejects when the connection fails or the body is not complete. */
export function sendRequest(options: RequestOptions): Promise<HttpResponse> {
  const started = performance.now();
  const body = bodyOf(options.body);
  return new Promise((resolve, reject) => {
    const request = http.request(connection(options, options.method), (response) => {
      const pieces: Buffer[] = [];
      const chunks: { at: number; text: string }[] = [];
      const finish = () => {
        const whole = Buffer.concat(pieces);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole.toString('utf8'),
          bodyBytes: whole.length,
          bodySha256: createHash('sha256').update(whole).digest('hex'),
          chunks,
          milliseconds: performance.now() - started,
        });
      };
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        if (chunks.length < 10_000)
          chunks.push({ at: performance.now() - started, text: piece.toString('utf8', 0, 4096) });
        if (options.hangUpAfterChunks !== undefined && pieces.length >= options.hangUpAfterChunks) {
          finish();
          request.destroy();
        }
      });
      response.on('end', () => (response.complete ? finish() : reject(new Error('the body ended early'))));
      response.on('error', reject);
    });
    request.on('error', reject);
    limitTime(request, options);
    if (options.chunked) request.setHeader('Transfer-Encoding', 'chunked');
    request.end(body);
  });
}

export interface WebSocketOptions extends To {
  /** Sent one after the other, each after the answer to the one before. */
  readonly messages?: readonly string[];
  /** Keep it open that long after the last answer, or until the server closes it. @default 0 */
  readonly holdSeconds?: number;
}

export interface WebSocketResult {
  /** 101 when the handshake succeeded. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly received: readonly string[];
  /** How the server closed it, when it did: 1006 for an end without a closing frame. */
  readonly closed?: { readonly code: number; readonly at: number };
  readonly milliseconds: number;
}

/** Opens a WebSocket, sends the messages and collects what comes back. */
export function talkWebSocket(options: WebSocketOptions): Promise<WebSocketResult> {
  const started = performance.now();
  const key = randomBytes(16).toString('base64');
  const request = http.request(connection({ ...options, url: options.url.replace(/^ws/, 'http') }));
  request.setHeader('Connection', 'Upgrade');
  request.setHeader('Upgrade', 'websocket');
  request.setHeader('Sec-WebSocket-Version', '13');
  request.setHeader('Sec-WebSocket-Key', key);
  const elapsed = () => performance.now() - started;
  return new Promise((resolve, reject) => {
    limitTime(request, options);
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, received: [], milliseconds: elapsed() });
    });
    request.on('upgrade', (response, socket, head) => {
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      if (response.headers['sec-websocket-accept'] !== accept) {
        socket.destroy();
        return reject(new Error('the server accepted another key than ours'));
      }
      const received: string[] = [];
      const waiting = [...(options.messages ?? [])];
      let hold: NodeJS.Timeout | undefined;
      const seconds = (options.timeoutSeconds ?? 30) + (options.holdSeconds ?? 0);
      const late = setTimeout(() => {
        reject(new Error(`no end of the conversation in ${seconds} s; received ${JSON.stringify(received)}`));
        socket.destroy();
      }, seconds * 1000);
      const finish = (code?: number) => {
        clearTimeout(late);
        clearTimeout(hold);
        socket.destroy();
        const closed = code === undefined ? {} : { closed: { code, at: elapsed() } };
        resolve({ status: 101, headers: response.headers, received, ...closed, milliseconds: elapsed() });
      };
      const next = () => {
        const message = waiting.shift();
        if (message !== undefined) return socket.write(frame(1, Buffer.from(message)));
        hold = setTimeout(
          () => (socket.write(frame(8, Buffer.from([3, 232]))), finish()),
          (options.holdSeconds ?? 0) * 1000,
        );
        return undefined;
      };
      readFrames(socket as Socket, head, (opcode, payload) => {
        if (opcode === 9) socket.write(frame(10, payload));
        if (opcode === 8) finish(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
        if (opcode !== 1 && opcode !== 2) return;
        received.push(payload.toString('utf8'));
        if (received.length <= (options.messages?.length ?? 0)) next();
      });
      socket.on('error', () => finish(1006)).on('close', () => finish(1006));
      next();
    });
    request.end();
  });
}

export interface EventsOptions extends To {
  /** Hang up after so many events. */
  readonly count: number;
}

export interface EventsResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly events: readonly {
    readonly at: number;
    readonly event: string;
    readonly data: string;
    readonly id?: string;
  }[];
  /** Why it ended before its end; absent where it did not. */
  readonly cutOff?: string;
}

/** Reads server-sent events until there are enough, or the stream ends. */
export function readEvents(options: EventsOptions): Promise<EventsResult> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(connection(options), (response) => {
      const events: EventsResult['events'][number][] = [];
      let text = '';
      const finish = (cutOff?: string) => {
        clearTimeout(late);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, events, ...(cutOff === undefined ? {} : { cutOff }) });
        request.destroy();
      };
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece.replaceAll('\r\n', '\n');
        for (let end = text.indexOf('\n\n'); end >= 0 && events.length < options.count; end = text.indexOf('\n\n')) {
          const event = parseEvent(text.slice(0, end), performance.now() - started);
          if (event) events.push(event);
          text = text.slice(end + 2);
        }
        if (events.length >= options.count) finish();
      });
      response.on('end', () => finish()).on('error', ({ message }) => finish(message));
    });
    request.setHeader('Accept', 'text/event-stream');
    const late = limitTime(request, options);
    request.on('error', reject);
    request.end();
  });
}

export interface LoadOptions {
  /** Several are taken in turn, such as the same service on each node. */
  readonly url: string | readonly string[];
  /** `host:port` to connect to instead of the URL's, in turn as well. */
  readonly address?: string | readonly string[];
  readonly headers?: To['headers'];
  /** Ends after that time (at most 600) or that many requests (at most 1,000,000), whichever comes first. @default 600 s */
  readonly seconds?: number;
  readonly requests?: number;
  /** At most 256. @default 8 */
  readonly concurrency?: number;
  /** A machine has few ports for new connections, so they need a bound. @default 250 */
  readonly perSecond?: number;
  /** Taken in turn. @default ['GET'] */
  readonly methods?: readonly string[];
  /** Of methods other than GET and HEAD. @default 'x' */
  readonly body?: RequestOptions['body'];
  /** @default 'new' */
  readonly connection?: 'new' | 'keep-alive';
  /** A GET or HEAD that failed without a byte of an answer is sent once more, on a new connection, as browsers do. @default false */
  readonly retry?: boolean;
  /** Gives each POST the query `id=<this>-<number>`, so that one that was executed twice shows. @default - no id */
  readonly ids?: string;
  /** Goes on after it was stopped until there were as many requests. @default 0 */
  readonly atLeast?: number;
  /** Statuses that count as answered. @default [200] */
  readonly expect?: readonly number[];
  /** Of one request. @default 30 */
  readonly timeoutSeconds?: number;
}

export interface LoadReport {
  readonly sent: number;
  /** All that did not get an expected status with a complete body. */
  readonly lost: number;
  /** The first hundred losses: when (milliseconds since the start), and why. */
  readonly errors: readonly LoadError[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that were answered only when they were sent again. */
  readonly retried: number;
  /** POSTs that were answered as expected. */
  readonly posts: number;
  /** When the last request that was lost had begun and when it was known to be lost, in milliseconds since 1970; absent where none was. */
  readonly lastLoss?: { readonly begun: number; readonly known: number };
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly seconds: number;
}

export interface LoadError {
  readonly at: number;
  readonly url: string;
  readonly method: string;
  readonly error: string;
  /** The connection had served a request before: the server may have closed it while idle. */
  readonly reused: boolean;
}

/** Sends requests until the time or the number is up, or `stopped` is aborted; what is under way is waited for. */
export async function sendLoad(options: LoadOptions, stopped?: AbortSignal): Promise<LoadReport> {
  const { atLeast = 0 } = options;
  const concurrency = Math.min(options.concurrency ?? 8, 256);
  const limit = Math.min(options.requests ?? 1_000_000, 1_000_000);
  const agent =
    options.connection === 'keep-alive' ? new http.Agent({ keepAlive: true, maxSockets: concurrency }) : undefined;
  const started = performance.now();
  const end = started + Math.min(options.seconds ?? 600, 600) * 1000;
  const spacing = 1000 / (options.perSecond ?? 250);
  const tally = new Tally(options, started);
  let sent = 0;

  const isOver = () => sent >= limit || performance.now() >= end || (sent >= atLeast && stopped?.aborted === true);
  const sender = async () => {
    while (!isOver()) {
      const number = sent++;
      const due = started + number * spacing;
      if (due >= end) return void sent--;
      const interrupted = stopped && number >= atLeast ? { signal: stopped } : {};
      await sleep(Math.max(due - performance.now(), 0), undefined, interrupted).catch(() => {});
      if (stopped?.aborted && number >= atLeast) return void sent--;
      const to = nth(options, number);
      const at = performance.now();
      tally.count(to, at, await exchangeWithRetry(options, to, agent));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  agent?.destroy();
  return tally.report(sent);
}

/** Where and how one request of a load goes. */
interface One {
  readonly url: string;
  readonly method: string;
  readonly address?: string;
}

function nth({ url, address, methods = ['GET'], ids }: LoadOptions, number: number): One {
  const turn = (list: readonly string[]) => list[number % Math.max(list.length, 1)];
  const method = turn(methods) ?? 'GET';
  const to = turn([url].flat()) ?? '';
  const where = turn([address ?? []].flat());
  const id = ids === undefined || method !== 'POST' ? '' : `${to.includes('?') ? '&' : '?'}id=${ids}-${number}`;
  return { url: `${to}${id}`, method, ...(where ? { address: where } : {}) };
}

/** What became of the requests of a load. */
class Tally {
  private readonly expected: ReadonlySet<number>;
  private readonly statuses: Record<string, number> = {};
  private readonly errors: LoadError[] = [];
  private readonly times: number[] = [];
  private readonly started: number;
  private lost = 0;
  private retried = 0;
  private posts = 0;
  private lastLoss: LoadReport['lastLoss'];

  constructor({ expect = [200] }: LoadOptions, started: number) {
    this.expected = new Set(expect);
    this.started = started;
  }

  count({ url, method }: One, at: number, outcome: Outcome): void {
    const now = performance.now();
    this.times.push(now - at);
    if (outcome.retried) this.retried++;
    if (outcome.status) this.statuses[outcome.status] = (this.statuses[outcome.status] ?? 0) + 1;
    if (!outcome.error && this.expected.has(outcome.status)) {
      if (method === 'POST') this.posts++;
      return;
    }
    if (outcome.error && /^(EADDRNOTAVAIL|EMFILE)/.test(outcome.error)) {
      throw new Error(`the client itself is at its limit, so nothing can be said about the server: ${outcome.error}`);
    }
    this.lost++;
    const error = outcome.error ?? `status ${outcome.status}`;
    const begun = performance.timeOrigin + at;
    if (this.lastLoss === undefined || begun >= this.lastLoss.begun)
      this.lastLoss = { begun, known: performance.timeOrigin + now };
    if (this.errors.length < 100)
      this.errors.push({ at: Math.round(at - this.started), url, method, error, reused: outcome.reused });
  }

  report(sent: number): LoadReport {
    const times = this.times.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(times[Math.min(Math.floor(times.length * share), times.length - 1)] ?? 0);
    const { lost, errors, statuses, retried, posts, lastLoss } = this;
    return {
      ...{ sent, lost, errors, statuses, retried, posts },
      ...(lastLoss ? { lastLoss } : {}),
      ...{ p50: at(0.5), p99: at(0.99), max: at(1) },
      seconds: (performance.now() - this.started) / 1000,
    };
  }
}

interface Outcome {
  readonly status: number;
  readonly error?: string;
  /** The connection had served a request before. */
  readonly reused: boolean;
  /** Whether nothing of an answer came. */
  readonly silent?: boolean;
  readonly retried?: boolean;
}

async function exchangeWithRetry(options: LoadOptions, to: One, agent?: http.Agent): Promise<Outcome> {
  const first = await exchange(options, to, agent);
  if (!options.retry || !first.error || !first.silent || !isIdempotent(to.method)) return first;
  return { ...(await exchange(options, to)), retried: true };
}

const isIdempotent = (method: string) => method === 'GET' || method === 'HEAD';

function exchange(options: LoadOptions, to: One, agent?: http.Agent): Promise<Outcome> {
  return new Promise((resolve) => {
    const { headers, timeoutSeconds } = options;
    const target = { ...to, ...(headers ? { headers } : {}), ...(timeoutSeconds ? { timeoutSeconds } : {}) };
    const request = http.request({ ...connection(target, to.method), ...(agent ? { agent } : {}) });
    let status = 0;
    let received = () => 0;
    request.on('socket', (socket) => {
      const before = socket.bytesRead;
      received = () => socket.bytesRead - before;
    });
    const fail = (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      resolve({
        status,
        error: error.code ? `${error.code}: ${error.message}` : error.message,
        reused: request.reusedSocket,
        silent: received() === 0,
      });
    };
    request.on('error', fail);
    request.on('response', (response) => {
      status = response.statusCode ?? 0;
      response.resume().on('error', fail);
      response.on('end', () => {
        clearTimeout(late);
        if (response.complete) resolve({ status, reused: request.reusedSocket });
        else fail(new Error('the body ended early'));
      });
    });
    const late = limitTime(request, target);
    request.end(isIdempotent(to.method) ? undefined : bodyOf(options.body ?? 'x'));
  });
}

function connection(to: To, method = 'GET'): http.RequestOptions {
  const url = new URL(to.url);
  const [, host = url.hostname, port = url.port || '80'] = to.address?.match(/^\[?(.*?)\]?:(\d+)$/) ?? [];
  const headers = Object.fromEntries(Object.entries(to.headers ?? {}).map(([key, value]) => [key, value as string]));
  const named = Object.keys(headers).some((key) => key.toLowerCase() === 'host');
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    path: `${url.pathname}${url.search}`,
    headers: named ? headers : { Host: url.host, ...headers },
    agent: false,
    method,
  };
}

/** An end to the whole exchange, not only to silence: a server that trickles must not hold a test forever. */
function limitTime(request: http.ClientRequest, to: To): NodeJS.Timeout {
  const seconds = to.timeoutSeconds ?? 30;
  const timer = setTimeout(() => request.destroy(new Error(`no complete answer in ${seconds} s`)), seconds * 1000);
  request.on('close', () => clearTimeout(timer));
  return timer;
}

function bodyOf(body: RequestOptions['body']): Buffer | undefined {
  if (body === undefined) return undefined;
  return typeof body === 'string' ? Buffer.from(body) : Buffer.alloc(body.bytes, 'x');
}

function frame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const short = payload.length < 126;
  const header = short ? Buffer.from([0x80 | opcode, 0x80 | payload.length]) : Buffer.alloc(10);
  if (!short) {
    header.set([0x80 | opcode, 0x80 | 127]);
    header.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** Calls `take` with each whole message; fragments are put together. */
function readFrames(socket: Socket, head: Buffer, take: (opcode: number, payload: Buffer) => void): void {
  let data: Buffer = Buffer.alloc(0);
  let fragments: Buffer[] = [];
  let first = 0;
  const read = (piece: Buffer) => {
    data = Buffer.concat([data, piece]);
    for (;;) {
      if (data.length < 2) return;
      const opcode = (data[0] ?? 0) & 15;
      const final = ((data[0] ?? 0) & 128) !== 0;
      const short = (data[1] ?? 0) & 127;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (data.length < start) return;
      const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
      if (data.length < start + length) return;
      const payload = data.subarray(start, start + length);
      data = data.subarray(start + length);
      if (opcode >= 8) {
        take(opcode, payload);
        continue;
      }
      if (opcode !== 0) first = opcode;
      fragments.push(payload);
      if (!final) continue;
      take(first, Buffer.concat(fragments));
      fragments = [];
    }
  };
  socket.on('data', read);
  if (head.length > 0) read(head);
}

function parseEvent(text: string, at: number): EventsResult['events'][number] | undefined {
  const fields = text.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = line.match(/^([^:]+):? ?(.*)$/) ?? [];
    return name ? [{ name, value }] : [];
  });
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
  if (data.length === 0) return undefined;
  const id = fields.find(({ name }) => name === 'id')?.value;
  const event = fields.find(({ name }) => name === 'event')?.value ?? 'message';
  return { at, event, data: data.join('\n'), ...(id === undefined ? {} : { id }) };
}
