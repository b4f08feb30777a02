import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '../../errors.js';
import type { Release } from '../ledger.js';
import { until } from '../wait.js';
import type { Task } from './answers.js';
import { causeOf } from './causes.js';
import type { Manager } from './manager.js';
import { ONE_OFF, oneOffStack } from './one-off.js';
import { expectation } from './watch.js';
import { isStuck } from './job.js';
import { removeStack } from './remove-stack.js';
import { stackDeploy } from './stack-deploy.js';
import { stackYaml } from './stack-yaml.js';
import { hasEnded } from './tasks.js';

/** Milliseconds that the last lines of a task need to arrive. */
const LAST_LINES = 1500;

/**
 * Runs a command once as a job of the Swarm: only its services get secrets and the network of the apps. Prints what it prints; a Swarm
 * gives no terminal to a task. Returns its exit code.
 */
export async function run(
  manager: Manager,
  release: Release,
  app: string,
  command: readonly string[],
): Promise<number> {
  const stack = stackYaml(release.files);
  if (!stack.services[app] || !release.plan.apps.some(({ id }) => id === app))
    throw userError(
      `${release.plan.name} has no app ${app}; known are ${release.plan.apps.map(({ id }) => id).join(', ')}`,
    );
  const name = `${release.plan.name}-${ONE_OFF}-${randomBytes(4).toString('hex')}`;
  const files = [{ path: 'stack.yaml', content: oneOffStack(release, stack, app, command) }];
  try {
    await stackDeploy(manager, { plan: { ...release.plan, name }, files, secrets: release.secrets });
    return await follow(manager, `${name}_${ONE_OFF}`, release, app);
  } finally {
    await removeStack(manager, name);
  }
}

async function follow(manager: Manager, service: string, { plan }: Release, app: string): Promise<number> {
  const seen = expectation(plan, []);
  const task = async () => {
    const [one] = await manager.tasks([service]);
    seen.see(one ? [one] : []);
    return one;
  };
  const begun = await when(task, (one) => RUNS.has(one.Status.State) || hasEnded(one) || isStuck(one, seen));
  if (!begun.Status.ContainerStatus?.ContainerID) throw notStarted(begun, app);
  const printing = new AbortController();
  // It does not end by itself, whatever the task does.
  const printed = manager.docker
    .interactive(['service', 'logs', '--raw', '--follow', begun.ID], { signal: printing.signal })
    .catch(() => undefined);
  const ended = await when(task, hasEnded);
  await sleep(LAST_LINES);
  printing.abort();
  await printed;
  return ended.Status.ContainerStatus?.ExitCode ?? 1;
}

const RUNS: ReadonlySet<string> = new Set(['starting', 'running']);

function when(task: () => Promise<Task | undefined>, is: (task: Task) => boolean): Promise<Task> {
  const look = async () => {
    const one = await task();
    return one && is(one) ? one : undefined;
  };
  return until(look, { signal: new AbortController().signal });
}

function notStarted(task: Task, app: string): Error {
  const because = task.Status.State === 'pending' ? 'pending' : 'task';
  const { message } = causeOf({ app, because, task, startup: 0, logs: [] });
  return userError(`the command was not started: ${message}`);
}
