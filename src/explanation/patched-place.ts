import type { IConstruct } from 'constructs';
import { patchesOf, type PatchOperation } from '../model/patches.js';
import type { Stack } from '../model/stack.js';

/** The operation of a JSON Patch of the stack file that wrote a place of an output, if one did. */
export function patchOf(
  target: string,
  {
    stack,
    construct,
    path,
    isBeside = false,
  }: { stack: Stack; construct: IConstruct; path: readonly string[]; isBeside?: boolean | undefined },
): PatchOperation | undefined {
  const [first = '', , ...below] = path;
  // In a manifest the first name is the kind of the object; in a Compose or stack file a service has patches of its own.
  const own = target === 'kubernetes' && !isBeside ? written(construct, target, first, path.slice(1)) : undefined;
  if (own || target === 'kubernetes') return own;
  const service =
    first === 'services' && construct !== stack && !isBeside ? written(construct, target, 'service', below) : undefined;
  return service ?? written(stack, target, 'stack', path);
}

function written(
  construct: IConstruct,
  target: string,
  kind: string,
  path: readonly string[],
): PatchOperation | undefined {
  return patchesOf(construct, target)
    .filter((patch) => patch.kind === kind)
    .flatMap(({ operations }) => operations)
    .filter(({ op }) => op !== 'remove' && op !== 'test')
    .findLast((operation) => leadsTo(operation.path, path));
}

/** Whether a JSON Pointer leads to a place, or to something that holds it. */
function leadsTo(pointer: string, path: readonly string[]): boolean {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => (/^(\d+|-)$/.test(name) ? '[]' : name.replaceAll('~1', '/').replaceAll('~0', '~')));
  return names.every((name, index) => path[index] === name);
}
