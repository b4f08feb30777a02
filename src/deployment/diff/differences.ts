import { lastOutput, type PlannedOutput } from '../../output-owner.js';
import type { Deployer, Difference } from '../deployer.js';
import { currentRelease } from '../ledger.js';
import { compareOutputs } from './outputs.js';
import { redacted } from './redact.js';

/** How what would be deployed differs from what there is. */
export interface Differences {
  /** From the last synthesis in the folder; absent where none is there. */
  readonly synthesis?: readonly Difference[];
  /** Number of the release that serves; absent where nothing was deployed. */
  readonly release?: number;
  /** From that release. Everything is new where there is none. */
  readonly running: readonly Difference[];
  /** What somebody changed by hand since. */
  readonly drift: readonly Difference[];
}

export async function differencesOf(deployer: Deployer, name: string, output: PlannedOutput): Promise<Differences> {
  const last = lastOutput(output.directory, output.owner);
  const current = currentRelease(await deployer.ledger(name));
  const drift = current ? await deployer.drift(current) : [];
  return {
    ...(last ? { synthesis: compareOutputs(last, output.files) } : {}),
    ...(current ? { release: current.number } : {}),
    running: compareOutputs(current?.files ?? [], output.files),
    drift: drift.map(withoutSecrets),
  };
}

/** Whether a deployment would change anything, or the folder is out of date. */
export function isDifferent({ synthesis = [], running, drift }: Differences): boolean {
  return synthesis.length + running.length + drift.length > 0;
}

/** What an engine tells of fields is not ours, and may hold anything. */
function withoutSecrets(difference: Difference): Difference {
  const { of, field = '' } = difference;
  const path = [of.split('/')[0]!, ...field.split(/[.[\]]+/).filter((key) => key !== '')];
  return {
    ...difference,
    ...('before' in difference ? { before: redacted(path, difference.before) } : {}),
    ...('after' in difference ? { after: redacted(path, difference.after) } : {}),
  };
}
