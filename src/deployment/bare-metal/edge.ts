import { setTimeout as sleep } from 'node:timers/promises';
import { KEPT_AT_RELOAD, nginxPins, type NginxPin } from '../../formats/nginx/pins.js';
import { EDGE_COMMAND, EDGE_PINS, EDGE_RELOAD } from '../../targets/containers.js';
import { RolloutFailure } from '../cause.js';
import type { Docker } from '../docker.js';
import { edgeWords } from '../edge-url.js';
import type { AppPlan, Plan } from '../plan.js';
import { until } from '../wait.js';

/** Seconds after which nginx asks Docker's DNS again, and a little more. */
const ADDRESSES_KNOWN = 2.5;

/** Puts the files of the pins into their folder, all at once. Positional: the folder, then name and content of each file. */
const WRITE_PINS = `set -e
folder=$1; shift
rm -rf "$folder.new"; mkdir "$folder.new"
while [ $# -gt 0 ]; do printf %s "$2" >"$folder.new/$1"; shift 2; done
rm -rf "$folder"; mv "$folder.new" "$folder"`;

const REMOVE_PINS = ['rm', '-rf', EDGE_PINS];

/** The nginx of a stack while it serves. */
export class Edge {
  private readonly docker: Docker;
  private readonly container: string;

  constructor(docker: Docker, container: string) {
    this.docker = docker;
    this.container = container;
  }

  /** Says where the named upstreams are, until the next reload after `pin([])`. Needs a reload. */
  async pin(pins: readonly NginxPin[]): Promise<void> {
    const files = Object.entries(nginxPins(pins)).flat();
    if (files.length === 0) return void (await this.docker.run(['exec', this.container, ...REMOVE_PINS]));
    await this.docker.run(['exec', this.container, 'sh', '-c', WRITE_PINS, 'sh', EDGE_PINS, ...files]);
  }

  async isPinned(): Promise<boolean> {
    return (await this.docker.attempt(['exec', this.container, 'test', '-d', EDGE_PINS])).exitCode === 0;
  }

  /** Lets nginx take over its configuration and pins; those that have them are at work on its return. Throws where they are wrong. */
  async reload(): Promise<void> {
    const tried = await this.docker.attempt(['exec', this.container, ...EDGE_COMMAND, '-t']);
    if (tried.exitCode !== 0)
      throw new RolloutFailure('unhealthy', `nginx refuses its configuration: ${emergency(tried.stderr)}`, {
        app: 'nginx',
      });
    const before = await this.workers();
    await this.docker.run(['exec', this.container, ...EDGE_RELOAD]);
    await until(
      async () => (await this.workers()).some(({ pid }) => !before.some((old) => old.pid === pid)) || undefined,
      {
        signal: AbortSignal.timeout(15_000),
        everyMilliseconds: 100,
      },
    );
  }

  /** Waits until no worker from before the last reload sends requests of kept connections any more. */
  async settled(): Promise<void> {
    const end = Date.now() + (KEPT_AT_RELOAD + 0.5) * 1000;
    while (Date.now() < end && (await this.workers()).some(({ leaving }) => leaving)) await sleep(200);
  }

  /** Waits until nginx has looked up the addresses of all containers anew. */
  async addressesKnown(): Promise<void> {
    await sleep(ADDRESSES_KNOWN * 1000);
  }

  /** When the workers began that take connections now, in milliseconds since 1970 by the engine's clock; undefined where no tool tells. */
  async began(): Promise<number | undefined> {
    const { stdout, exitCode } = await this.docker.attempt(['top', this.container, '-o', 'pid,etimes,args']);
    const now = Date.parse(await this.docker.run(['info', '--format', '{{.SystemTime}}']));
    return exitCode === 0 ? beganAt(stdout, now) : undefined;
  }

  private async workers(): Promise<{ pid: string; leaving: boolean }[]> {
    const lines = await this.docker.lines(['top', this.container, '-o', 'pid,args']);
    return lines
      .filter((line) => /nginx: worker process/.test(line))
      .map((line) => ({ pid: line.trim().split(/\s+/)[0] ?? '', leaving: /shutting down/.test(line) }));
  }

  /** Status with which an app answers through nginx; 0 where nothing does. */
  async ask({ host, path }: AppPlan, plan: Plan): Promise<number> {
    const words = [
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-m',
      '5',
      '--path-as-is',
      '-w',
      '%{http_code}',
      '-H',
      `Host: ${host}`,
    ];
    const { stdout } = await this.docker.attempt(['exec', this.container, ...words, ...edgeWords(plan, path)]);
    return Number(stdout.trim()) || 0;
  }
}

/** @param top `pid,etimes,args` of each process: the second is how many seconds ago it began */
export function beganAt(top: string, now: number): number | undefined {
  const ages = top
    .split('\n')
    .filter((line) => /nginx: worker process(?! is shutting down)/.test(line))
    .map((line) => Number(line.trim().split(/\s+/)[1]));
  return ages.length === 0 || !ages.every(Number.isInteger) ? undefined : now - Math.min(...ages) * 1000;
}

function emergency(said: string): string {
  const line = said.split('\n').find((one) => /\[emerg\]/.test(one)) ?? said.trim();
  return line.replace(/^.*\[emerg\] \S+ /, '');
}
