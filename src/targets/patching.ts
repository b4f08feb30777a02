import { JsonPatch } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { isDeepStrictEqual } from 'node:util';
import { userError, type UserError } from '../errors.js';
import { AsgiApp } from '../model/app.js';
import { Database } from '../model/database.js';
import { addMistake } from '../model/mistakes.js';
import { positionOf } from '../model/position.js';
import { addPatch, patchesOf, type PatchOperation } from '../model/patches.js';
import { Stack } from '../model/stack.js';
import { Task } from '../model/task.js';
import { show } from '../model/values.js';

/** An object on its way into an output, after the patches of the construct that it was emitted for. */
export function patched<T>(target: string, construct: IConstruct, kind: string, object: T): T {
  const patches = patchesOf(construct, target).filter((patch) => patch.kind === kind);
  // A patch changes in place, and parts of the object are shared with others.
  return patches.reduce(
    (result, { operations }) => apply(construct, result, operations),
    patches.length > 0 ? copied(object) : object,
  );
}

function copied<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)])) as T;
}

function apply<T>(construct: IConstruct, object: T, operations: readonly PatchOperation[]): T {
  return operations.reduce((result, operation) => {
    const missing = missingPlace(result, operation);
    if (missing !== undefined) throw cannot(construct, operation, `there is nothing at ${show(missing)}`);
    try {
      return JsonPatch.apply(result, asJsonPatch(operation)) as T;
    } catch (error) {
      throw cannot(
        construct,
        operation,
        (error instanceof Error ? error.message.split('\n')[0] : undefined) ?? String(error),
        error,
      );
    }
  }, object);
}

function cannot(construct: IConstruct, { op, path }: PatchOperation, why: string, cause?: unknown): UserError {
  const where = { position: positionOf(construct), path: construct.node.path };
  return userError(
    `patch cannot ${op} ${show(path)}: ${why}; the emitted object shows the paths that are there`,
    where,
    { cause },
  );
}

/** The place that an operation needs and that is not there; the library would pass over it or fail in words of its own. */
function missingPlace(object: unknown, operation: PatchOperation): string | undefined {
  const { op, path } = operation;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const needed = [
    ...(op === 'move' || op === 'copy' ? [operation.from] : []),
    op === 'remove' || op === 'replace' || op === 'test' ? path : parent,
  ];
  return needed.find((place) => !isThere(object, place));
}

function isThere(object: unknown, pointer: string): boolean {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at = object;
  return keys.every((key) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
    return at !== undefined;
  });
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
export function rememberPatch(
  construct: IConstruct,
  target: string,
  kind: string,
  operations: readonly PatchOperation[],
): void {
  const wrong = operations.filter((operation) => !isOperation(operation));
  if (wrong.length === 0) addPatch(construct, target, { kind, operations });
  else
    addMistake(
      construct,
      "a patch must be JSON Patch operations with JSON values, such as { op: 'add', path: '/x', value: 1 }",
    );
}

/** Remembers operations for a Compose or stack file: for the service of an app, or for the whole file of a stack. */
export function rememberFilePatch(construct: IConstruct, target: string, operations: readonly PatchOperation[]): void {
  if (!Construct.isConstruct(construct))
    throw new TypeError(`of() takes an AsgiApp or the Stack, got ${show(construct)}`);
  if (construct instanceof AsgiApp || construct instanceof Database || construct instanceof Task)
    rememberPatch(construct, target, 'service', operations);
  else if (construct instanceof Stack) rememberPatch(construct, target, 'stack', operations);
  else
    addMistake(
      construct,
      'only an AsgiApp, a Worker, a Job, a Schedule, a database and the Stack can be patched; a patch of the stack reaches everything in the file',
    );
}

const OPERATIONS: readonly string[] = ['add', 'replace', 'test', 'remove', 'move', 'copy'];

function isOperation(operation: PatchOperation | null | undefined): boolean {
  const {
    op = '',
    path,
    from,
    value,
  } = (operation ?? {}) as Partial<Record<'op' | 'path' | 'from' | 'value', unknown>>;
  if (!OPERATIONS.includes(String(op)) || !isPointer(path)) return false;
  if (op === 'move' || op === 'copy') return isPointer(from);
  return op === 'remove' || isJson(value);
}

/** A JSON Pointer (RFC 6901) to a part of the object: a patch of the whole would be another object. */
function isPointer(path: unknown): boolean {
  return typeof path === 'string' && path.startsWith('/');
}

function isJson(value: unknown): boolean {
  try {
    return value !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}
