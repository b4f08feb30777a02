import type { Database } from '../model/database.js';
import type { Job } from '../model/job.js';
import type { Schedule } from '../model/schedule.js';
import { Worker } from '../model/worker.js';

/** What an app, a worker, a database or the edge takes of a target: at most, and as far as the target limits it. */
export interface Footprint {
  /** Id of the construct; `nginx` for an edge of ours. */
  readonly id: string;
  /** Processes; where they follow the load, the most there may be. Of a database and of the edge: containers. */
  readonly processes: number;
  /** The fewest processes, where they follow the load. @default - there are always as many */
  readonly fewest?: number;
  /** Whether every node has as much, however many there are. @default false */
  readonly perNode?: boolean;
  /** Containers, tasks or pods in which the processes are. */
  readonly containers: number;
  /** Bytes that one of them may take. */
  readonly memoryEach: number;
  /** Bytes that more of them may take while an update starts them beside the old ones. */
  readonly surge: number;
  /** Cores that one of them may use. @default - no limit */
  readonly cpuEach?: number;
}

/** What a worker, a schedule or a database takes, of which an update stops the old one before it starts the new one, so that nothing comes on top. */
export function stopFirst(one: Worker | Schedule | Database, memoryEach = one.memory): Footprint {
  const processes = one instanceof Worker ? one.processes : 1;
  return { id: one.node.id, processes, containers: processes, memoryEach, surge: 0 };
}

/** What a job takes: nothing but while a release begins. */
export function whileUpdated({ node, memory }: Job): Footprint {
  return { id: node.id, processes: 1, containers: 0, memoryEach: memory, surge: memory };
}

/** Bytes and cores of all containers together. */
export interface Total {
  readonly memory: number;
  /** `memory` and what comes on top of it in an update. */
  readonly peak: number;
  /** @default - no limit */
  readonly cpu?: number;
}

export function totalOf({ containers, memoryEach, surge, cpuEach }: Footprint): Total {
  const memory = containers * memoryEach;
  return { memory, peak: memory + surge, ...(cpuEach === undefined ? {} : { cpu: thousandths(containers * cpuEach) }) };
}

/**
 * Of everything that a target has. Updates go from one app to the next, but nothing promises that the first one's old processes have
 * ended by then, so that every surge counts. Of what every node has, one counts.
 */
export function sumOf(footprints: readonly Footprint[]): Total {
  const totals = footprints.map(totalOf);
  const sum = (figure: (total: Total) => number) => totals.reduce((all, total) => all + figure(total), 0);
  const isLimited = totals.every(({ cpu }) => cpu !== undefined);
  return {
    memory: sum(({ memory }) => memory),
    peak: sum(({ peak }) => peak),
    ...(isLimited ? { cpu: thousandths(sum(({ cpu = 0 }) => cpu)) } : {}),
  };
}

/** Engines count thousandths; sums of floating-point numbers have more digits. */
function thousandths(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}
