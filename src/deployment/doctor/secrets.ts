import { join } from 'node:path';
import type { Secret } from '../../model/secret.js';
import type { Stack } from '../../model/stack.js';
import type { TargetName } from '../../targets/index.js';
import { SOURCE_DOT_ENV } from '../dot-env.js';
import { neededSecrets } from '../needed-secrets.js';
import { ok, warning, type Finding } from './finding.js';
import type { Machine } from './machine.js';

const CHECK = 'secrets';

/** Whether this process gives the values of all secrets. An engine may have them from an earlier deployment, so none is a failure. */
export function checkSecrets(
  machine: Machine,
  { stack, root }: { readonly stack: Stack; readonly root: string },
  targets: readonly TargetName[],
): Finding[] {
  const needed = new Set(targets.flatMap((target) => neededSecrets(stack, target)));
  const given = [...needed].filter(({ external }) => external === undefined);
  if (given.length === 0) return [];
  const missing = given.filter(({ variable, file }) =>
    file === undefined ? !machine.variable(variable) : !machine.file(join(root, file)),
  );
  if (missing.length === 0) return [ok(CHECK, `each of ${given.length} has a value here`)];
  const ids = missing.map(({ node }) => node.id).join(', ');
  const seen = `no value here for ${ids}, which a deployment needs unless an earlier one has stored it`;
  return [warning(CHECK, seen, fixOf(missing, machine))];
}

function fixOf(missing: readonly Secret[], machine: Machine): string {
  const places = missing.map(({ variable, file }) => (file === undefined ? `set ${variable}` : `write ${file}`));
  const names = machine.dotEnv();
  const known = missing.filter(({ variable, file }) => file === undefined && names.has(variable));
  const hint =
    known.length === 0 ? '' : `; .env has ${known.map(({ variable }) => variable).join(', ')}: ${SOURCE_DOT_ENV}`;
  return `${places.join(', ')}${hint}`;
}
