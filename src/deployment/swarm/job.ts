import { JOB_SERVICE, jobPath, jobStack } from '../../targets/swarm/job.js';
import { networkName } from '../../targets/swarm/stack-file.js';
import { RolloutFailure } from '../cause.js';
import type { Rollout } from '../deployer.js';
import type { JobPlan } from '../plan.js';
import type { Report } from '../report.js';
import { tellingLine } from '../telling-line.js';
import { until } from '../wait.js';
import { idOf, type Snapshot, type Task } from './answers.js';
import { causeOf } from './causes.js';
import { containerOf, logsOf } from './evidence.js';
import { ALREADY, NAMESPACE, type Manager } from './manager.js';
import { PENDING_LIMIT, type Expectation } from './progress.js';
import { removeStack } from './remove-stack.js';
import { stackDeploy } from './stack-deploy.js';
import { hasEnded } from './tasks.js';
import { stackYaml, withServices } from './stack-yaml.js';
import { expectation, watch } from './watch.js';

/** Runs a job to its end in a stack of its own, which is gone when this returns. */
export async function runJob(
  manager: Manager,
  rollout: Rollout,
  job: JobPlan,
  { before, report }: { readonly before: Snapshot; readonly report: Report },
): Promise<void> {
  const { plan, files, directory, secrets, signal } = rollout;
  const name = jobStack(plan.name, job.id);
  await removeStack(manager, name);
  await makeNetwork(manager, plan.name);
  await startDatabases(manager, rollout, before, report);
  try {
    await stackDeploy(manager, { plan: { ...plan, name }, files, directory, secrets, file: jobPath(job.id) });
    const task = await ended(manager, `${name}_${JOB_SERVICE}`, expectation(plan, []), signal);
    if (task.Status.State !== 'complete') throw await failureOf(manager, job, task);
  } finally {
    await removeStack(manager, name);
  }
}

/** `docker stack deploy` takes a network for its own that has its label. */
async function makeNetwork(manager: Manager, stack: string): Promise<void> {
  const name = networkName({ name: stack });
  if ((await manager.names('network', `${NAMESPACE}=${stack}`)).includes(name)) return;
  const args = ['network', 'create', '--driver', 'overlay', '--label', `${NAMESPACE}=${stack}`, name];
  const { exitCode, stderr } = await manager.attempt(args);
  if (exitCode !== 0 && !ALREADY.test(stderr)) throw new RolloutFailure('engine-failed', stderr.trim());
}

/** A job of the first release finds the databases of the stack; those that are there are left for the rest of the deployment. */
async function startDatabases(
  manager: Manager,
  { plan, files, secrets, signal }: Rollout,
  before: Snapshot,
  report: Report,
): Promise<void> {
  const there = before.services.map((service) => idOf(service, plan.name));
  const missing = (plan.databases ?? []).map(({ id }) => id).filter((id) => !there.includes(id));
  if (missing.length === 0) return;
  report.step(`${missing.join(', ')}: starting`);
  const file = 'databases.yaml';
  const some = { path: file, content: withServices(stackYaml(files), missing) };
  await stackDeploy(manager, { plan, files: [...files, some], secrets, file, prune: false });
  await watch(manager, plan, { known: before.tasks, signal, report });
}

/** The task, once it has ended or waits for a node that will not come. */
function ended(manager: Manager, service: string, seen: ReturnType<typeof expectation>, signal: AbortSignal) {
  const look = async () => {
    const [task] = await manager.tasks([service]);
    if (!task) return undefined;
    seen.see([task]);
    return hasEnded(task) || isStuck(task, seen) ? task : undefined;
  };
  return until(look, { signal, everyMilliseconds: 1000 });
}

export function isStuck(task: Task, { seconds }: Pick<Expectation, 'seconds'>): boolean {
  return task.Status.State === 'pending' && Boolean(task.Status.Err) && seconds(task) >= PENDING_LIMIT;
}

async function failureOf(manager: Manager, job: JobPlan, task: Task): Promise<RolloutFailure> {
  const [container, logs] = await Promise.all([containerOf(manager, task), logsOf(manager, task)]);
  return jobFailure(job, task, container?.State.OOMKilled === true, logs);
}

/** Why a job failed: its command, or that it was never started. */
export function jobFailure({ id }: JobPlan, task: Task, outOfMemory: boolean, logs: readonly string[]): RolloutFailure {
  const code = task.Status.ContainerStatus?.ExitCode;
  if (!task.Status.ContainerStatus?.ContainerID) {
    const because = task.Status.State === 'pending' ? 'pending' : 'task';
    return causeOf({ app: id, because, task, startup: 0, logs });
  }
  const exception = tellingLine(logs);
  const detail = outOfMemory ? 'out of memory' : code === undefined ? (task.Status.Err ?? '') : `exit code ${code}`;
  return new RolloutFailure('migration-failed', [detail, exception].filter(Boolean).join(': '), { app: id, logs });
}
