import { continuousLoad, type Losses } from '../harness/running/load.js';
import { waitFor } from '../harness/wait.js';
import type { Stage } from './stage.js';

/** Requests of each cell at least: 30,000 for the table, fewer where all tests run. */
export const REQUESTS = Number(process.env['FAULTS_REQUESTS'] ?? 3000);

/** Of each of the two kinds of connection. The default is what two cores send with ease while they build and start what answers. */
const PER_SECOND = Number(process.env['FAULTS_PER_SECOND'] ?? 60);

/** Requests in so many seconds, all of them together. */
export const requestsDuring = (seconds: number): number => 2 * PER_SECOND * seconds;

/** Requests of one kind of connection that are under way at most. */
export const CONCURRENCY = 8;

/** What was lost while something happened. */
export interface Measured {
  readonly sent: number;
  readonly lost: number;
  /** Seconds from the fault until the last request that was lost began. */
  readonly recovery: number;
  /** The losses in words. */
  readonly told: string;
  readonly errors: Losses['errors'];
}

export interface Fire {
  /** Requests at least. @default REQUESTS */
  readonly atLeast?: number;
  /** Where the requests go. @default the stage's entrances */
  readonly addresses?: readonly string[];
}

/**
 * Requests on new and on kept connections, GET and POST half and half, while something happens. Fails where a POST was executed
 * twice, or where the journal missed one, since then it proves nothing.
 *
 * @param action gets `strike`, to be called when the fault is made; without it the fault is the action itself
 */
export async function underFire(
  stage: Stage,
  action: (strike: () => void) => Promise<void>,
  { atLeast = REQUESTS, addresses = stage.addresses }: Fire = {},
): Promise<Measured> {
  const ids = stage.ids();
  const load = continuousLoad(
    { addresses, host: stage.host },
    { perSecond: PER_SECOND, atLeast, concurrency: CONCURRENCY, ids, retry: true },
  );
  let struck = Date.now();
  try {
    // The load has to be there before the fault is.
    await waitFor('the first POST to be executed', () => heard(stage, ids) > 0, { seconds: 30 });
    struck = Date.now();
    await action(() => (struck = Date.now()));
  } catch (error) {
    load.abandon();
    throw error;
  }
  const losses = await load.stop();
  // Its last datagrams may be on their way when the last answer is here.
  await waitFor(`the journal to hear of all ${losses.posts} POSTs`, () => heard(stage, ids) >= losses.posts, {
    seconds: 10,
  });
  const { twice } = stage.journal.read(ids);
  if (twice.length > 0) throw new Error(`executed twice: ${twice.length} POSTs, such as ${twice[0]}; ${losses.told}`);
  const { sent, lost, told, errors, lastLoss = struck } = losses;
  return { sent, lost, told, errors, recovery: Math.max(0, (lastLoss - struck) / 1000) };
}

function heard({ journal }: Stage, ids: string): number {
  return journal.read(ids).executed;
}

/** Several measurements as one. */
export function together(all: readonly Measured[]): Measured {
  return {
    sent: sum(all.map(({ sent }) => sent)),
    lost: sum(all.map(({ lost }) => lost)),
    recovery: Math.max(...all.map(({ recovery }) => recovery)),
    told: all
      .filter(({ lost }) => lost > 0)
      .map(({ told }) => told)
      .join('; '),
    errors: all.flatMap(({ errors }) => errors),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
