import type { Rollout } from '../deployer.js';
import type { Report } from '../report.js';
import type { Snapshot } from './answers.js';
import { checkEdge } from './edge.js';
import type { Manager } from './manager.js';
import { pinVolumes } from './pins.js';
import { packed } from './releases.js';
import { stackDeploy } from './stack-deploy.js';
import { leadStatics } from './statics.js';
import { watch } from './watch.js';

/**
 * Brings a version up in place of the one before, and returns what runs then.
 *
 * @param before what ran when it began
 */
export async function roll(manager: Manager, rollout: Rollout, before: Snapshot, report: Report): Promise<Snapshot> {
  const { plan, files, signal } = rollout;
  const { number, secrets } = rollout;
  packed({ number, at: '', by: '', plan, files, secrets });
  await pinVolumes(manager, files, before.nodes, report);
  const held = await leadStatics(manager, rollout, before, report);
  if (held) {
    await stackDeploy(manager, { ...rollout, ...held });
    const concerns = (id: string) => !held.ids.includes(id);
    await watch(manager, plan, { known: before.tasks, signal, report, concerns });
  }
  await stackDeploy(manager, rollout);
  report.step(`${plan.name}: release ${number} is given to the Swarm`);
  const after = await watch(manager, plan, { known: before.tasks, signal, report });
  await checkEdge(manager, plan, signal, report);
  return after;
}
