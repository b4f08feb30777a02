import type { OutputFile } from '../../targets/target.js';
import type { Report } from '../report.js';
import type { SwarmNode } from './answers.js';
import type { Manager } from './manager.js';
import { pinningLabels } from './stack-yaml.js';

/** Labels that these files ask for and no node has. */
export function unpinned(files: readonly OutputFile[], nodes: readonly SwarmNode[]): string[] {
  return pinningLabels(files).filter((label) => !nodes.some(({ Spec }) => Spec.Labels?.[label] === 'true'));
}

/** A volume that is new gets the node that we talk to: its apps would wait for ever. */
export async function pinVolumes(
  manager: Manager,
  files: readonly OutputFile[],
  nodes: readonly SwarmNode[],
  report: Report,
): Promise<void> {
  const own = nodes.find(({ ID }) => ID === manager.node);
  for (const label of unpinned(files, nodes)) {
    await manager.run(['node', 'update', '--label-add', `${label}=true`, manager.node]);
    report.step(
      `${label}: no node held this volume; it is on ${own?.Description.Hostname ?? manager.node} from now on`,
    );
  }
}
