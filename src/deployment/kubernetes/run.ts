import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '../../errors.js';
import { objectName } from '../../targets/kubernetes/workload.js';
import type { RunOptions } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { Plan } from '../plan.js';
import { listOf, objectsIn, type ClusterObject } from './objects.js';
import { runPod, runPolicy, type OneOff, type Template } from './run-pod.js';
import type { Pod } from './sight.js';
import { podTrouble } from './trouble.js';

/** Runs a command once in a pod of its own, which is gone when this returns, also after Ctrl-C. Returns its exit code. */
export async function runOnce(
  kubectl: Kubectl,
  plan: Plan,
  app: string,
  command: readonly string[],
  { interactive }: RunOptions,
): Promise<number> {
  const ids = plan.apps.map(({ id }) => id);
  if (!ids.includes(app)) throw userError(`no app is called ${app} in ${plan.name}; it has ${ids.join(', ')}`);
  const pod = `${objectName(app, plan)}-run-${randomBytes(3).toString('hex')}`;
  const oneOff: OneOff = { name: plan.name, app, command, interactive, pod };
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  SIGNALS.forEach((signal) => process.once(signal, stop));
  try {
    await create(kubectl, await objectsOf(kubectl, plan, oneOff));
    await untilStarted(kubectl, pod, stopped.signal);
    if (interactive) await kubectl.interactive(['attach', pod, '--stdin', '--tty', '--quiet']);
    return await untilEnded(kubectl, oneOff, stopped.signal);
  } catch (error) {
    if (stopped.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    SIGNALS.forEach((signal) => process.off(signal, stop));
    await remove(kubectl, pod);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED = 130;

async function objectsOf(kubectl: Kubectl, plan: Plan, oneOff: OneOff): Promise<ClusterObject[]> {
  const name = objectName(oneOff.app, plan);
  const args = ['get', 'deployments.apps', name, '--ignore-not-found', '--output', 'json'];
  const [deployment] = objectsIn<{ readonly spec: { readonly template: Template } }>(await kubectl.run(args));
  if (!deployment)
    throw userError(`${plan.name} has no Deployment ${name} in namespace ${plan.namespace}; deploy it first`);
  const [policy] = objectsIn(
    await kubectl.run(['get', 'networkpolicies.networking.k8s.io', name, '--ignore-not-found', '--output', 'json']),
  );
  return [...(policy ? [runPolicy(policy, oneOff)] : []), runPod(deployment.spec.template, oneOff)];
}

async function create(kubectl: Kubectl, objects: readonly ClusterObject[]): Promise<void> {
  await kubectl.run(['create', '--filename', '-'], { input: listOf(objects) });
}

/** Seconds for the image, the volumes and the node. */
const START_TIME = 120;

async function untilStarted(kubectl: Kubectl, pod: string, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const found = await readPod(kubectl, pod);
    if (!found) throw userError(`the pod ${pod} was deleted by somebody else`);
    const seconds = (performance.now() - began) / 1000;
    const [container] = found.status.containerStatuses ?? [];
    if (container?.state.running || container?.state.terminated || found.status.phase === 'Failed') return;
    const trouble = podTrouble(found, { events: [], restartsBefore: 0, startup: START_TIME });
    if (trouble && seconds >= trouble.patience) throw userError(`the pod ${pod} cannot start: ${trouble.detail}`);
    if (seconds >= START_TIME)
      throw userError(`the pod ${pod} has not started after ${START_TIME} s; kubectl describe pod shows why`);
    await sleep(500, undefined, { signal });
  }
}

/** Prints what the command says until it ends. A connection that is cut before that is taken up again. */
async function untilEnded(kubectl: Kubectl, { pod, interactive }: OneOff, signal: AbortSignal): Promise<number> {
  for (let since = 0; ;) {
    const before = performance.now();
    const found = await readPod(kubectl, pod);
    if (!found) throw userError(`the pod ${pod} was deleted by somebody else`);
    const [container] = found.status.containerStatuses ?? [];
    const ended = container?.state.terminated;
    const isOver = ended !== undefined || found.status.phase === 'Failed';
    if (interactive || since > 0) {
      if (isOver) return ended?.exitCode ?? 1;
    }
    if (!interactive) {
      const from = since === 0 ? [] : ['--since', `${since}s`];
      await kubectl.interactive(['logs', pod, '--follow', ...from], { signal });
      since = Math.max(1, Math.ceil((performance.now() - before) / 1000));
    }
    signal.throwIfAborted();
    await sleep(200, undefined, { signal });
  }
}

async function readPod(kubectl: Kubectl, pod: string): Promise<Pod | undefined> {
  return objectsIn<Pod>(await kubectl.run(['get', 'pod', pod, '--ignore-not-found', '--output', 'json']))[0];
}

async function remove(kubectl: Kubectl, pod: string): Promise<void> {
  await kubectl.attempt(['delete', 'pod', pod, '--ignore-not-found', '--grace-period=1', '--wait=false']);
  await kubectl.attempt(['delete', 'networkpolicies.networking.k8s.io', pod, '--ignore-not-found', '--wait=false']);
}
