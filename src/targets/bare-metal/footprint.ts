import type { Stack } from '../../model/stack.js';
import { EDGE_MEMORY } from '../containers.js';
import { hasOwnEdge } from '../edge.js';
import type { Footprint } from '../footprint.js';
import { memoryLimit } from './app.js';

/** One container an app, and a second one beside it while `synth deploy` updates it. Docker limits no cores here. */
export function bareMetalFootprint(stack: Stack): Footprint[] {
  const apps = stack.apps.map((app) => ({
    app: app.node.id,
    processes: app.processes,
    containers: 1,
    memoryEach: memoryLimit(app),
    surge: memoryLimit(app),
  }));
  const edge = { app: 'nginx', processes: 1, containers: 1, memoryEach: EDGE_MEMORY, surge: 0 };
  return [...apps, ...(hasOwnEdge(stack) ? [edge] : [])];
}
