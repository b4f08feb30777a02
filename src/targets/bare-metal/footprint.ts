import type { Stack } from '../../model/stack.js';
import { jobsOf, schedulesOf, workersOf } from '../../model/tree.js';
import { containerMemory, EDGE_MEMORY } from '../containers.js';
import { acmeFootprint } from '../acme.js';
import { hasOwnEdge } from '../edge.js';
import { stopFirst, whileUpdated, type Footprint } from '../footprint.js';
import { staticFootprint } from '../statics.js';
import { memoryLimit } from './app.js';

/** One container an app, and a second one beside it while `synth deploy` updates it. Docker limits no cores here. */
export function bareMetalFootprint(stack: Stack): Footprint[] {
  const apps = stack.apps.map((app) => ({
    id: app.node.id,
    processes: app.processes,
    containers: 1,
    memoryEach: memoryLimit(app),
    surge: memoryLimit(app),
  }));
  const edge = { id: 'nginx', processes: 1, containers: 1, memoryEach: EDGE_MEMORY, surge: 0 };
  const others = [...workersOf(stack), ...schedulesOf(stack), ...stack.databases].map((one) =>
    stopFirst(one, containerMemory(one)),
  );
  return [
    ...apps,
    ...staticFootprint(stack, { containers: 1 }),
    ...others,
    ...jobsOf(stack).map((job) => whileUpdated(job)),
    ...acmeFootprint(stack),
    ...(hasOwnEdge(stack) ? [edge] : []),
  ];
}
