import type { IConstruct } from 'constructs';
import { addMistake } from '../../model/mistakes.js';
import { show } from '../../model/values.js';
import type { Cluster } from './cluster.js';
import type { KubernetesObject } from './objects.js';

/** Metadata type under which a construct keeps the objects that stand beside ours. */
const ADDED = 'asgi-synth.kubernetes.object';

/** Remembers an object of the user's own, or what is wrong with it. */
export function rememberObject(construct: IConstruct, object: unknown): void {
  const copy = tryCopy(object);
  const mistake = copy === undefined ? 'it must be plain data' : mistakeIn(copy);
  if (mistake === undefined) construct.node.addMetadata(ADDED, copy);
  else addMistake(construct, `Kubernetes.of(…).add() got an object that cannot be applied: ${mistake}`);
}

/** Kind and name of each object of the user's own that belongs to a construct. */
export function addedTo(construct: IConstruct): { readonly kind: string; readonly name: string }[] {
  return construct.node.metadata
    .filter(({ type }) => type === ADDED)
    .map(({ data }) => data as KubernetesObject)
    .map(({ kind, metadata }) => ({ kind, name: metadata.name }));
}

/** The objects of the user's own that belong to a construct, each in the stack's namespace unless it names another. */
export function addedObjects(construct: IConstruct, { namespace }: Cluster): KubernetesObject[] {
  return construct.node.metadata
    .filter(({ type }) => type === ADDED)
    .map(({ data }) => data as KubernetesObject)
    .map((object) => (isClusterWide(object) ? object : { ...object, metadata: { namespace, ...object.metadata } }));
}

type Unchecked = { readonly [key: string]: unknown };

function tryCopy(object: unknown): Unchecked | undefined {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(object));
    return typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? (copy as Unchecked) : undefined;
  } catch {
    return undefined;
  }
}

function mistakeIn({ apiVersion, kind, metadata, data, stringData }: Unchecked): string | undefined {
  if (!matches(apiVersion, /^([a-z0-9.-]+\/)?v[a-z0-9]+$/))
    return `apiVersion must be such as "apps/v1", got ${show(apiVersion)}`;
  if (!matches(kind, /^[A-Z][A-Za-z0-9]*$/)) return `kind must be such as "Service", got ${show(kind)}`;
  const name = (metadata as Unchecked | null | undefined)?.['name'];
  if (!matches(name, /^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/))
    return `metadata.name must be lower-case letters, digits, "-" and ".", got ${show(name)}`;
  if (kind === 'Secret' && (data ?? stringData) !== undefined)
    return 'a Secret would show its values in the output; use new Secret(stack, "id")';
  return undefined;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

/** Kinds without a namespace; those of other vendors mostly say so in their name. */
function isClusterWide({ kind }: KubernetesObject): boolean {
  return CLUSTER_WIDE.test(kind);
}

const CLUSTER_WIDE = new RegExp(
  [
    '^Cluster|Class$|WebhookConfiguration$|AdmissionPolicy(Binding)?$',
    '^(Namespace|Node|PersistentVolume|CSIDriver|CSINode|IPAddress|ServiceCIDR|ResourceSlice)$',
    '^(CustomResourceDefinition|APIService|CertificateSigningRequest|FlowSchema|PriorityLevelConfiguration)$',
  ].join('|'),
);
