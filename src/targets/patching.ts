import { JsonPatch } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { userError } from '../errors.js';
import { addMistake } from '../model/mistakes.js';
import { positionOf } from '../model/position.js';
import { addPatch, patchesOf, type PatchOperation } from '../model/patches.js';

/** An object on its way into an output, after the patches of the construct that it was emitted for. */
export function patched<T>(target: string, construct: IConstruct, kind: string, object: T): T {
  const patches = patchesOf(construct, target).filter((patch) => patch.kind === kind);
  return patches.reduce((result, { operations }) => apply(construct, result, operations), object);
}

function apply<T>(construct: IConstruct, object: T, operations: readonly PatchOperation[]): T {
  return operations.reduce((result, operation) => {
    try {
      return JsonPatch.apply(result, asJsonPatch(operation)) as T;
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw userError(
        `patch cannot ${operation.op} ${JSON.stringify(operation.path)}: ${why}; see the emitted object for its paths`,
        { position: positionOf(construct), path: construct.node.path },
        { cause: error },
      );
    }
  }, object);
}

function asJsonPatch(operation: PatchOperation): JsonPatch {
  switch (operation.op) {
    case 'remove':
      return JsonPatch.remove(operation.path);
    case 'move':
    case 'copy':
      return JsonPatch[operation.op](operation.from, operation.path);
    case 'add':
    case 'replace':
    case 'test':
      return JsonPatch[operation.op](operation.path, operation.value);
  }
}

/** Remembers operations for what `target` will emit for `construct`, or the mistake in them. */
export function rememberPatch(construct: IConstruct, target: string, kind: string, operations: readonly PatchOperation[]): void {
  const wrong = operations.some((operation) => !OPERATIONS.includes(operation?.op) || typeof operation.path !== 'string');
  if (wrong) addMistake(construct, "a patch must be JSON Patch operations such as { op: 'add', path: '/x', value: 1 }");
  else addPatch(construct, target, { kind, operations });
}

const OPERATIONS: readonly string[] = ['add', 'replace', 'test', 'remove', 'move', 'copy'];
