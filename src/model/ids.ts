import type { Construct } from 'constructs';
import { addMistake } from './mistakes.js';
import { DNS_LABEL, show } from './values.js';

/** File and service names that an output uses for itself. */
const RESERVED = [
  'nginx',
  'python',
  'runtime',
  'secrets',
  'namespace',
  'kustomization',
  'stack',
  'compose',
  'default',
  'constructor',
];

/** Records what is wrong with an id that becomes a service, object or volume name on every target. */
export function checkId(construct: Construct, id: unknown): void {
  const scope = construct.node.scope;
  if (typeof id !== 'string' || !DNS_LABEL.test(id) || id.length > 40) {
    addMistake(
      construct,
      `the id must be 1 to 40 lower-case letters, digits and hyphens, with no hyphen at an end (DNS-1123 label), got ${show(id)}`,
    );
  } else if (RESERVED.includes(id)) {
    addMistake(
      construct,
      `the id ${show(id)} is reserved, since the output has something of that name itself; choose another`,
    );
  } else if (id !== construct.node.id) {
    addMistake(construct, `the id ${show(id)} is already taken in ${scope?.node.path}; give each construct its own`);
  }
}
