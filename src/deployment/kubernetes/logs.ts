import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '../../errors.js';
import { INSTANCE, NAME } from '../../targets/kubernetes/workload.js';
import type { LogsOptions } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import { loggedIds, type Plan } from '../plan.js';
import { objectsIn } from './objects.js';
import type { Pod } from './sight.js';

/** Prints the logs of the pods of a stack, those that come later as well where they are followed. */
export async function printLogs(kubectl: Kubectl, plan: Plan, options: LogsOptions): Promise<number> {
  const { app, follow, tail, signal } = options;
  const ids = loggedIds(plan);
  if (app !== undefined && !ids.includes(app))
    throw userError(`nothing is called ${app} in ${plan.name}; it has ${ids.join(', ')}`);
  if (follow) return followLogs(kubectl, selectorOf(plan, app), options);
  // kubectl asks at most five pods at once unless it is told how many there are.
  const many = ['--max-log-requests', '1000'];
  const args = ['logs', '--selector', selectorOf(plan, app), '--all-containers', '--prefix', '--tail', String(tail)];
  return kubectl.interactive([...args, ...many], signal ? { signal } : {});
}

function selectorOf({ name }: Plan, app: string | undefined): string {
  return [`${INSTANCE}=${name}`, app === undefined ? NAME : `${NAME}=${app}`].join(',');
}

/** kubectl follows the pods of a selector that there are when it starts; an update brings others. */
async function followLogs(kubectl: Kubectl, selector: string, { tail, signal }: LogsOptions): Promise<number> {
  const followed = new Set<string>();
  const ending = signal ?? new AbortController().signal;
  for (let first = true; !ending.aborted; first = false) {
    for (const { id, pod } of runsOf(await listPods(kubectl, selector))) {
      if (followed.has(id)) continue;
      followed.add(id);
      void follow(kubectl, pod, first ? tail : -1, ending);
    }
    await sleep(2000, undefined, { signal: ending }).catch(() => undefined);
  }
  return 0;
}

/** Each run of the containers of a pod, told by its restarts. */
export function runsOf(pods: readonly Pod[]): { readonly id: string; readonly pod: string }[] {
  return pods
    .filter(({ status }) => status.containerStatuses?.some(({ state }) => state.running))
    .map(({ metadata, status }) => ({
      id: `${metadata.uid} ${status.containerStatuses?.map(({ restartCount }) => restartCount).join(' ')}`,
      pod: metadata.name,
    }));
}

async function listPods(kubectl: Kubectl, selector: string): Promise<Pod[]> {
  const { stdout } = await kubectl.attempt(['get', 'pods', '--selector', selector, '--output', 'json']);
  return objectsIn<Pod>(stdout);
}

async function follow(kubectl: Kubectl, pod: string, tail: number, signal: AbortSignal): Promise<void> {
  const args = ['logs', pod, '--all-containers', '--prefix', '--follow', '--tail', String(tail)];
  await kubectl.interactive(args, { signal }).catch(() => undefined);
}
