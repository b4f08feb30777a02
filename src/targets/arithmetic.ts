import type { AsgiApp } from '../model/app.js';
import type { DataStore } from '../model/data-store.js';
import { Postgres } from '../model/postgres.js';
import type { Stack } from '../model/stack.js';
import { tasksOf } from '../model/tree.js';
import { sumOf, type Footprint } from './footprint.js';
import type { Problem } from './target.js';

/** Where what a stack takes is more than there is. `footprints` are what a target makes of it. */
export function arithmeticProblems(stack: Stack, footprints: readonly Footprint[]): Problem[] {
  return [
    ...overCapacity(stack, footprints),
    ...stack.databases
      .filter((database) => database instanceof Postgres)
      .flatMap((database) => tooManyConnections(database, stack, footprints)),
  ];
}

function overCapacity(stack: Stack, footprints: readonly Footprint[]): Problem[] {
  const { memory, cpu } = stack.capacity;
  const taken = sumOf(footprints);
  const problem = (message: string): Problem => ({ id: 'capacity', construct: stack, prop: 'capacity', message });
  return [
    ...(memory !== undefined && taken.peak > memory
      ? [
          problem(
            `capacity.memory is ${mebibytes(memory)}, but the containers may take ${mebibytes(taken.memory)} together, and ${mebibytes(taken.peak)} while an update starts new ones beside the old; lower memory or processes, or give it more`,
          ),
        ]
      : []),
    ...(cpu !== undefined && taken.cpu !== undefined && taken.cpu > cpu
      ? [
          problem(
            `capacity.cpu is ${cpu}, but the containers may use ${taken.cpu} cores together; lower cpu or processes, or give it more`,
          ),
        ]
      : []),
  ];
}

/** Connections that PostgreSQL keeps for its superuser: superuser_reserved_connections. */
const RESERVED = 3;

function tooManyConnections(database: Postgres, stack: Stack, footprints: readonly Footprint[]): Problem[] {
  const users = usersOf(database, stack, footprints);
  const most = users.reduce((sum, { processes, pool }) => sum + processes * pool, 0);
  const room = database.maxConnections - RESERVED;
  if (most <= room) return [];
  const terms = users.map(({ id, processes, pool }) => `${id} ${processes} × ${pool}`).join(', ');
  const message = `maxConnections is ${database.maxConnections}, of which ${RESERVED} are reserved, but ${most} may be open while an update starts new processes beside the old (${terms}); lower a pool, or raise maxConnections to ${most + RESERVED}`;
  return [{ id: 'database-connections', construct: database, prop: 'maxConnections', message }];
}

interface PoolUser {
  readonly id: string;
  /** Those that an update starts beside the old ones included. */
  readonly processes: number;
  readonly pool: number;
}

/** Who says how many connections a process of it opens. What does not say so is not counted. */
function usersOf(database: Postgres, stack: Stack, footprints: readonly Footprint[]): PoolUser[] {
  const users = [
    ...stack.apps.map((app) => ({ id: app.node.id, app })),
    ...tasksOf(stack).map(({ node, app }) => ({ id: node.id, app })),
  ];
  return users.flatMap(({ id, app }) => {
    const pool = poolOf(app, database);
    const own = footprints.find((one) => one.id === id);
    return pool === 0 || own === undefined ? [] : [{ id, processes: atMost(own), pool }];
  });
}

function poolOf({ connections }: AsgiApp, database: DataStore): number {
  return Object.values(connections)
    .filter(({ store }) => store === database)
    .reduce((sum, { pool = 0 }) => sum + pool, 0);
}

function atMost({ processes, containers, memoryEach, surge }: Footprint): number {
  return containers === 0 ? processes : processes + (surge / memoryEach) * (processes / containers);
}

/** In one unit, since figures are to be compared. */
function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)}Mi`;
}
