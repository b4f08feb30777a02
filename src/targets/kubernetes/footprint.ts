import type { Stack } from '../../model/stack.js';
import { jobsOf, schedulesOf, workersOf } from '../../model/tree.js';
import { stopFirst, whileUpdated, type Footprint } from '../footprint.js';
import { STATIC_CPU, STATIC_REPLICAS, staticFootprint } from '../statics.js';
import { hasNginx } from './cluster.js';
import { NGINX_LIMITS, NGINX_PODS } from './nginx.js';
import { SURGE } from './workload.js';

/** A pod a process, and a quarter more, rounded up, while an update starts first. */
export function kubernetesFootprint(stack: Stack): Footprint[] {
  const apps = stack.apps.map(({ node, processes, scaling, memory, cpu }) => ({
    id: node.id,
    processes,
    ...(scaling === undefined ? {} : { fewest: scaling.min }),
    ...pods(processes, { memory, cpu }),
  }));
  const edge = { id: 'nginx', processes: NGINX_PODS, ...pods(NGINX_PODS, NGINX_LIMITS) };
  const others = [...workersOf(stack), ...schedulesOf(stack), ...stack.databases].map((one) => ({
    ...stopFirst(one),
    cpuEach: one.cpu,
  }));
  return [
    ...apps,
    ...staticFootprint(stack, { containers: STATIC_REPLICAS, cpuEach: STATIC_CPU }),
    ...others,
    ...jobsOf(stack).map((job) => whileUpdated(job)),
    ...(hasNginx(stack) ? [edge] : []),
  ];
}

function pods(count: number, { memory, cpu }: { readonly memory: number; readonly cpu: number }) {
  return { containers: count, memoryEach: memory, surge: Math.ceil(count * SURGE) * memory, cpuEach: cpu };
}
