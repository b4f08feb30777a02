import type { Stack } from '../../model/stack.js';
import { jobsOf, schedulesOf, workersOf } from '../../model/tree.js';
import { containerMemory, EDGE_MEMORY } from '../containers.js';
import { acmeFootprint } from '../acme.js';
import { hasOwnEdge } from '../edge.js';
import { stopFirst, whileUpdated, type Footprint } from '../footprint.js';
import { STATIC_CPU, STATIC_REPLICAS, staticFootprint } from '../statics.js';
import { updatedAtOnce } from './app.js';

/** A task a process, and a quarter more while an update starts first. The edge is on every node, and is updated stop-first. */
export function swarmFootprint(stack: Stack): Footprint[] {
  const apps = stack.apps.map((app) => ({
    id: app.node.id,
    processes: app.processes,
    containers: app.processes,
    memoryEach: app.memory,
    surge: updatedAtOnce(app) * app.memory,
    cpuEach: app.cpu,
  }));
  const edge = { id: 'nginx', processes: 1, perNode: true, containers: 1, memoryEach: EDGE_MEMORY, surge: 0 };
  const others = [...workersOf(stack), ...schedulesOf(stack), ...stack.databases].map((one) => ({
    ...stopFirst(one, containerMemory(one)),
    cpuEach: one.cpu,
  }));
  return [
    ...apps,
    ...staticFootprint(stack, { containers: STATIC_REPLICAS, cpuEach: STATIC_CPU }),
    ...others,
    ...jobsOf(stack).map((job) => whileUpdated(job)),
    ...acmeFootprint(stack),
    ...(hasOwnEdge(stack) ? [edge] : []),
  ];
}
