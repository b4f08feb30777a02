import { parseAllDocuments } from 'yaml';
import { INSTANCE, MANAGED_BY } from '../../targets/kubernetes/workload.js';
import type { OutputFile } from '../../targets/target.js';

/** An object of a cluster, as far as it is known here. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [key: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** The objects of a stream of YAML documents. */
export function parseObjects(yaml: string): ClusterObject[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const value = document.toJS() as ClusterObject | null;
    return value === null ? [] : [value];
  });
}

/** The objects in the files of an output, before its Kustomization has changed any. */
export function objectsOf(files: readonly OutputFile[]): ClusterObject[] {
  return files
    .filter(({ path }) => /^[^/]+\.yaml$/.test(path) && path !== 'kustomization.yaml')
    .flatMap(({ content }) => parseObjects(content));
}

/** The objects in what kubectl prints as JSON: nothing, one, a list, or one after the other as `kubectl create` does. */
export function objectsIn<T = ClusterObject>(json: string): T[] {
  // Inside an object every line is indented, and a line break in a text is none in JSON.
  const values = JSON.parse(`[${json.replace(/^\}\n\{/gm, '},{')}]`) as (T | { readonly items: readonly T[] })[];
  return values.flatMap((value) => (isList(value) ? [...value.items] : [value]));
}

function isList<T>(value: T | { readonly items: readonly T[] }): value is { readonly items: readonly T[] } {
  return Array.isArray((value as { readonly items?: unknown }).items);
}

/** What makes an object this one and no other. The version of its API is not part of it. */
export function keyOf({ apiVersion, kind, metadata }: ClusterObject): string {
  return [groupOf(apiVersion), kind, metadata.namespace ?? '', metadata.name].join('/');
}

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** For people: `Deployment/shop-api`. */
export function titleOf({ kind, metadata }: Pick<ClusterObject, 'kind' | 'metadata'>): string {
  return `${kind}/${metadata.name}`;
}

/** Objects as kubectl reads them from its standard input. */
export function listOf(objects: readonly ClusterObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

/** Just enough of objects to find or delete them. */
export function identities(objects: readonly ClusterObject[]): ClusterObject[] {
  return objects.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  }));
}

/** What an object of ours is told by. Users may set the manager to another name; the output says which. */
export interface Mark {
  readonly name: string;
  readonly manager: string;
}

/** The mark of the objects of an output. */
export function markOf(name: string, objects: readonly ClusterObject[]): Mark {
  const own = objects.find(({ metadata }) => metadata.labels?.[INSTANCE] === name);
  return { name, manager: own?.metadata.labels?.[MANAGED_BY] ?? 'asgi-synth' };
}

/** Whether an object carries our mark. The instance alone is not enough: a Helm release of the same name has it too. */
export function isOurs(
  { metadata: { labels = {} } }: Pick<ClusterObject, 'metadata'>,
  { name, manager }: Mark,
): boolean {
  return labels[INSTANCE] === name && [manager, 'asgi-synth'].includes(labels[MANAGED_BY] ?? '');
}

/** Kinds that hold what no output can make again, or everything else. They go only when somebody asks for it. */
export const KEPT_KINDS: readonly string[] = ['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'Secret'];

/** Those of `live` that are ours, are in no output any more, and may go. */
export function leftOver(
  live: readonly ClusterObject[],
  wanted: readonly ClusterObject[],
  mark: Mark,
): ClusterObject[] {
  const keys = new Set(wanted.map(keyOf));
  return live.filter((object) => isOurs(object, mark) && !keys.has(keyOf(object)) && !KEPT_KINDS.includes(object.kind));
}

interface Mounting {
  readonly template: {
    readonly spec: { readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[] };
  };
}

/** Names of the ConfigMaps that the pods of an object mount. */
export function mountedConfigs(object: ClusterObject): string[] {
  const { template } = object['spec'] as Mounting;
  return (template.spec.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? []);
}
