import { startLoad, type RunningLoad } from '../client.js';
import { sendLoad, type LoadError, type LoadOptions, type LoadReport } from '../http.js';
import { waitFor } from '../wait.js';
import type { RunningStack } from './running-stack.js';

export interface ContinuousLoadOptions {
  /** Of each of the two kinds of connection. */
  readonly perSecond: number;
  /** Requests of both kinds together, before `stop` ends it. @default 0 */
  readonly atLeast?: number;
  /** Instead of `/` and `/echo`, on new connections only. */
  readonly path?: string;
  /** @default 8 */
  readonly concurrency?: number;
  /** From this process, which takes no second to start: for little load that has to be there at once. @default false */
  readonly here?: boolean;
}

/** What load of both kinds has lost. */
export interface Losses {
  readonly sent: number;
  readonly lost: number;
  /** The first hundred of each kind. */
  readonly errors: readonly LoadError[];
  /** All of it in a line, with the first errors. */
  readonly told: string;
}

export interface ContinuousLoad {
  /** Goes on until there were enough requests, then tells what was lost. */
  stop(): Promise<Losses>;
  /** Ends it at once. */
  abandon(): Promise<void>;
}

/** GET and POST half and half, on new connections and on kept ones, to every entrance, until it is stopped. */
export function continuousLoad(
  running: Pick<RunningStack, 'addresses' | 'host'>,
  options: ContinuousLoadOptions,
): ContinuousLoad {
  const { perSecond, atLeast = 0, path, concurrency = 8, here = false } = options;
  const { addresses, host } = running;
  const start = here ? loadFromHere : startLoad;
  const paths = path === undefined ? ['/', '/echo'] : [path];
  const kinds = path === undefined ? (['new', 'keep-alive'] as const) : (['new'] as const);
  const started = Date.now();
  const loads = kinds.map((connection) => ({
    connection,
    load: start({
      url: paths.map((one) => `http://${host}${one}`),
      methods: path === undefined ? ['GET', 'POST'] : ['GET'],
      // Each twice, so that with two of them one does not get every GET and the other every POST.
      address: addresses.flatMap((address) => paths.map(() => address)),
      body: { bytes: 1000 },
      connection,
      concurrency,
      perSecond,
    }),
  }));
  const end = () => Promise.all(loads.map(async ({ connection, load }) => ({ connection, report: await load.stop() })));
  return {
    async stop() {
      // A second more than it takes: the two start with a process each.
      const due = started + (atLeast / (perSecond * kinds.length)) * 1000 + (atLeast > 0 ? 3000 : 0);
      await waitFor(`${atLeast} requests to be sent`, () => Date.now() >= due, { seconds: 300, intervalSeconds: 0.5 });
      const losses = summary(await end());
      if (losses.sent < atLeast)
        throw new Error(`only ${losses.sent} of ${atLeast} requests could be sent: ${losses.told}`);
      return losses;
    },
    async abandon() {
      await end();
    },
  };
}

function loadFromHere(options: LoadOptions): RunningLoad {
  const stopped = new AbortController();
  const report = sendLoad(options, stopped.signal);
  report.catch(() => {}); // told by stop()
  return { stop: () => (stopped.abort(), report) };
}

function summary(reports: readonly { connection: string; report: LoadReport }[]): Losses {
  const sent = reports.reduce((sum, { report }) => sum + report.sent, 0);
  const lost = reports.reduce((sum, { report }) => sum + report.lost, 0);
  const errors = reports.flatMap(({ connection, report }) => report.errors.map((error) => ({ ...error, connection })));
  const kinds = reports.map(
    ({ connection, report }) =>
      `${report.sent} ${connection} (p99 ${Math.round(report.p99)} ms, max ${Math.round(report.max)} ms)`,
  );
  const first = errors
    .slice(0, 5)
    .map(({ at, method, url, error, reused }) => `${at} ms ${method} ${url} ${reused ? 'reused ' : ''}${error}`);
  return {
    sent,
    lost,
    errors,
    told: [`${lost} of ${sent} requests lost: ${kinds.join(', ')}`, ...first].join('; '),
  };
}
