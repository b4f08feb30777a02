import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { DRAIN } from '../../targets/containers.js';
import type { OutputFile } from '../../targets/target.js';
import type { Rollout } from '../deployer.js';
import type { Report } from '../report.js';
import type { Snapshot } from './answers.js';
import type { Manager } from './manager.js';
import { stackDeploy } from './stack-deploy.js';
import { stackYaml, withServices, type StackYaml } from './stack-yaml.js';
import { watch } from './watch.js';

/** A version whose new static files can be had, while no old container of the last one goes. */
export interface Held {
  /** Ids of the services with static files whose update has halted half-way. */
  readonly ids: readonly string[];
  /** The output, with a stack file that leaves it there. */
  readonly files: readonly OutputFile[];
  /** Path of that stack file. */
  readonly file: string;
}

/**
 * Brings up one container with the new files of each app that has changed ones, and halts there. A page of a new process names new
 * files, and one of an old process old ones: the app is updated in between.
 *
 * @returns nothing where no files that are served now change
 */
export async function leadStatics(
  manager: Manager,
  rollout: Rollout,
  before: Snapshot,
  report: Report,
): Promise<Held | undefined> {
  const { plan, files, secrets, signal } = rollout;
  const ids = changedStatics(rollout);
  if (ids.length === 0) return undefined;
  report.step(`${ids.join(', ')}: the new files come first`);
  const halted = withHalted(stackYaml(files), ids);
  const first = { path: 'statics.yaml', content: withServices(halted, ids) };
  await stackDeploy(manager, { plan, files: [...files, first], secrets, file: first.path, prune: false });
  const isEnough = ({ healthy }: { readonly healthy: number }) => healthy > 0;
  await watch(manager, plan, { known: before.tasks, signal, report, concerns: (id) => ids.includes(id), isEnough });
  // Until every nginx has heard of it: whoever has only old files asks the others.
  await sleep(DRAIN * 1000, undefined, { signal });
  const held = { path: 'held.yaml', content: stringify(halted) };
  return { ids, files: [...files, held], file: held.path };
}

/** Ids of the services with static files that are there, and that a version changes. */
export function changedStatics({ plan, files, previous }: Pick<Rollout, 'plan' | 'files' | 'previous'>): string[] {
  if (!previous) return [];
  const [before, after] = [stackYaml(previous.files), stackYaml(files)];
  return (plan.statics ?? [])
    .map(({ id }) => id)
    .filter((id) => id in before.services && withServices(before, [id]) !== withServices(after, [id]));
}

/** Longer than any deployment takes. */
const HALTED = '24h';

/** The stack, with the updates of some services halted after their first container. */
export function withHalted(stack: StackYaml, ids: readonly string[]): StackYaml {
  const services = Object.entries(stack.services).map(([id, service]) => {
    const { update_config } = service.deploy ?? {};
    const halted = { ...service, deploy: { ...service.deploy, update_config: { ...update_config, delay: HALTED } } };
    return [id, ids.includes(id) ? halted : service] as const;
  });
  return { ...stack, services: Object.fromEntries(services) };
}
