import { failed, ok, type Finding } from './finding.js';
import { isAtLeast, type Machine } from './machine.js';

/** Oldest Node that runs this package. */
const NODE_FLOOR = [20, 19] as const;

export function checkNode({ node }: Pick<Machine, 'node'>): Finding {
  if (isAtLeast(node, NODE_FLOOR)) return ok('node', node);
  return failed('node', `${node}, and ${NODE_FLOOR.join('.')} or newer is needed`, 'install it from nodejs.org');
}
