import { request, type From } from '../client.js';
import type { HttpResponse, RequestOptions } from '../http.js';
import { waitFor } from '../wait.js';
import { untilKnown } from './known.js';
import type { Output } from './output.js';
import type { Platform, RunningContainer } from './platform.js';

export interface Asked
  extends From, Pick<RequestOptions, 'method' | 'body' | 'headers' | 'timeoutSeconds' | 'chunked'> {
  /** Host header. @default the stack's own */
  readonly host?: string;
}

/** A process that answers requests. */
export interface Answering {
  readonly host: string;
  readonly pid: number;
  readonly started: number;
  readonly version: string;
}

/** A deployed stack, as those outside see it. */
export class RunningStack {
  readonly platform: Platform;
  readonly host: string;
  /** The output that was deployed last. */
  output: Output;
  private entrances: readonly string[] = [];
  private turn = 0;

  constructor(platform: Platform, output: Output, host: string) {
    this.platform = platform;
    this.output = output;
    this.host = host;
  }

  /** Learns where requests go to; once, after it was started. */
  async find(): Promise<void> {
    this.entrances = await this.platform.entrances(this.output);
    if (this.entrances.length === 0) throw new Error(`nothing takes requests for ${this.output.name}`);
    if (this.platform.target === 'kubernetes') await untilKnown(this.host, this.entrances);
  }

  get addresses(): readonly string[] {
    return this.entrances;
  }

  /** One request, to one entrance after the other. */
  ask(path: string, { host = this.host, ...options }: Asked = {}): Promise<HttpResponse> {
    return request({ ...options, ...this.to(path, host) });
  }

  /** URL and address of a request. */
  to(path: string, host = this.host): { url: string; address: string } {
    return { url: `http://${host}${path}`, address: this.entrances[this.turn++ % this.entrances.length] ?? '' };
  }

  /** The answer to a request that succeeds. */
  async read<T>(path: string, options: Asked = {}): Promise<T> {
    const { status, body } = await this.ask(path, options);
    if (status !== 200)
      throw new Error(`${options.method ?? 'GET'} ${path} was answered with ${status}: ${body.slice(0, 500)}`);
    return JSON.parse(body) as T;
  }

  containers(app?: string): Promise<RunningContainer[]> {
    return this.platform.containers(this.output, app);
  }

  async container(app: string): Promise<RunningContainer> {
    const [first] = await this.containers(app);
    if (!first) throw new Error(`no container of ${app} runs`);
    return first;
  }

  /** Asks many times at once until `count` processes have answered; every one that did, also beyond that number. */
  async answering(count: number, prefix = ''): Promise<Answering[]> {
    const found = new Map<string, Answering>();
    let atOnce = 8 * count;
    await waitFor(`${count} processes to answer`, async () => {
      const answers = await Promise.all(Array.from({ length: atOnce }, () => this.read<Answering>(`${prefix}/`)));
      // Those who have the connections that nginx keeps open are asked first; with more than it keeps, new ones are made.
      atOnce = Math.min(2 * atOnce, 256);
      for (const answer of answers) found.set(`${answer.host} ${answer.pid} ${answer.started}`, answer);
      return found.size >= count;
    });
    return [...found.values()];
  }
}
