import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import type { ConfigFile } from '../../model/config-file.js';
import { fileText, type FileLimit } from '../config-files.js';
import type { Cluster } from './cluster.js';
import { emit, namedByContent, type KubernetesObject } from './objects.js';
import { workload } from './workload.js';

/** The ConfigMap that holds the text of a config file. */
export function configFileObjects(file: ConfigFile, cluster: Cluster): KubernetesObject[] {
  return emit(file, cluster, [textConfig(file, cluster)]);
}

/** Name of that ConfigMap. */
export function configFileName(file: ConfigFile, cluster: Cluster): string {
  return textConfig(file, cluster).metadata.name;
}

/** Key of the text in it. */
export function configFileKey({ node }: ConfigFile): string {
  return node.id;
}

function textConfig(file: ConfigFile, cluster: Cluster): KubernetesObject {
  const { name, labels } = workload(file.node.id, 'files', cluster);
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels },
    immutable: true,
    ...stored(fileText(file, cluster), configFileKey(file)),
  } satisfies ConfigMap;
  return namedByContent(config);
}

function stored(text: string, key: string): Pick<ConfigMap, 'data' | 'binaryData'> {
  if (isPlain(text)) return { data: { [key]: text } };
  return { binaryData: { [key]: Buffer.from(text).toString('base64') } };
}

/** Whether kustomize passes a text on as it is: it refuses some of the rest, and makes line breaks of its own from some. */
function isPlain(text: string): boolean {
  return !/[^\t\n\x20-\x7e\u00a0-\u{10ffff}]|[\u2028\u2029\ufeff\ufffe\uffff]/u.test(text);
}

/** The API server keeps 256 KiB of annotations, one of which is a copy of the object by `kubectl apply`; some is left for labels. */
export const CONFIG_MAP_LIMIT: FileLimit = {
  bytes: 240 * 1024,
  size: (text) => {
    const { data, binaryData } = stored(text, 'text');
    return Object.values({ ...data, ...binaryData }).reduce((sum, value) => sum + annotated(value), 0);
  },
  because: 'kubectl apply keeps a copy of each ConfigMap in an annotation, in which there is room for 240 KiB as JSON',
};

/** Bytes of a text as Go writes JSON, which spells out what HTML could take for a tag. */
function annotated(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) + 5 * (text.match(/[<>&]/g)?.length ?? 0);
}
