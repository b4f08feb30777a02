import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import { patched } from '../patching.js';
import { contentHash } from '../context.js';
import type { Cluster } from './cluster.js';

/** An object as the API server takes it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** Objects as they are written: with their namespace, in order, and with the patches of the construct that they are for. */
export function emit(
  construct: IConstruct,
  cluster: Cluster,
  objects: readonly KubernetesObject[],
): KubernetesObject[] {
  const kinds = objects.map(({ kind }) => kind);
  return objects.map((object, index) => {
    const rendered = render(construct, object, cluster);
    // A patch is for the first object of a kind: the others are helpers of that one.
    return kinds.indexOf(object.kind) === index ? patched('kubernetes', construct, object.kind, rendered) : rendered;
  });
}

/** The same for helpers of a construct, which its patches are not for. */
export function emitUnpatched(
  construct: IConstruct,
  cluster: Cluster,
  objects: readonly KubernetesObject[],
): KubernetesObject[] {
  return objects.map((object) => render(construct, object, cluster));
}

function render({ node }: IConstruct, object: KubernetesObject, { chart, clusterWide }: Cluster): KubernetesObject {
  const scope = object.kind === 'Namespace' ? clusterWide : chart;
  return new ApiObject(
    scope,
    `${node.path} ${object.kind} ${object.metadata.name}`,
    object,
  ).toJson() as KubernetesObject;
}

/**
 * A ConfigMap named by its content. A changed one rolls the pods that mount it, an unchanged one restarts nothing, and the one
 * of the version before is still there to go back to.
 */
export function namedByContent(config: KubernetesObject): KubernetesObject {
  const { name } = config.metadata;
  const hash = contentHash(JSON.stringify([config['data'], config['binaryData']]));
  return { ...config, metadata: { ...config.metadata, name: `${name}-${hash}` } };
}

/** Text files for a container to mount. Its name is a stem: `namedByContent` completes it. */
export function configMap(
  { name, labels }: { name: string; labels: Readonly<Record<string, string>> },
  data: Record<string, string>,
): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, immutable: true, data } satisfies ConfigMap;
}
