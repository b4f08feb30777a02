import type { IConstruct } from 'constructs';

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Operations on the object that a target emits for a construct. `kind` picks one where it emits several. */
export interface Patch {
  readonly kind: string;
  readonly operations: readonly PatchOperation[];
}

const type = (target: string) => `asgi-synth.patch.${target}`;

/** Remembers operations for what `target` will emit for `construct`. */
export function addPatch(construct: IConstruct, target: string, patch: Patch): void {
  construct.node.addMetadata(type(target), patch);
}

/** The operations for what `target` emits for `construct`, in the order in which they were given. */
export function patchesOf(construct: IConstruct, target: string): Patch[] {
  return construct.node.metadata.filter((entry) => entry.type === type(target)).map(({ data }) => data as Patch);
}
