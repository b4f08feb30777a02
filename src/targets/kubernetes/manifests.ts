import type { IConstruct } from 'constructs';
import type { Stack } from '../../model/stack.js';
import { literalText, yamlComment, yamlDocument, yamlDocuments } from '../../formats/yaml.js';
import { configFilesOf, jobsOf, schedulesOf, staticId, volumesOf, withStatic, workersOf } from '../../model/tree.js';
import { patched } from '../patching.js';
import type { OutputFile } from '../target.js';
import { addedObjects } from './added.js';
import { appObjects } from './app.js';
import { configFileObjects } from './config-file.js';
import { databaseObjects } from './database.js';
import { hasNginx, type Cluster } from './cluster.js';
import { jobObjects, namedByRelease } from './job.js';
import { namespaceObjects } from './namespace.js';
import { nginxObjects } from './nginx.js';
import { emit, type KubernetesObject } from './objects.js';
import { redirectRoutes } from './routes.js';
import { scheduleObjects } from './schedule.js';
import { staticObjects } from './static.js';
import { volumeObjects } from './volume.js';
import { workerObjects } from './worker.js';

/** A file of objects, all of them for one construct. */
export interface Manifest {
  readonly construct: IConstruct;
  readonly path: string;
  readonly objects: readonly KubernetesObject[];
}

/** The manifests of a stack, in the order in which a cluster should get them. */
export function manifestsOf(stack: Stack, cluster: Cluster): Manifest[] {
  const manifests = [
    { construct: stack, path: 'namespace.yaml', objects: namespaceObjects(cluster) },
    {
      construct: stack,
      path: 'stack.yaml',
      objects: [...emit(stack, cluster, redirectRoutes(cluster)), ...addedObjects(stack, cluster)],
    },
    ...volumesOf(stack).map((volume) => ({
      construct: volume,
      path: `${volume.node.id}.yaml`,
      objects: [...volumeObjects(volume, cluster), ...addedObjects(volume, cluster)],
    })),
    ...configFilesOf(stack).map((file) => ({
      construct: file,
      path: `${file.node.id}.yaml`,
      objects: configFileObjects(file, cluster),
    })),
    ...stack.databases.map((database) => ({
      construct: database,
      path: `${database.node.id}.yaml`,
      objects: [...databaseObjects(database, cluster), ...addedObjects(database, cluster)],
    })),
    ...jobsOf(stack).map((job) => ({
      construct: job,
      path: `${job.node.id}.yaml`,
      objects: [...jobObjects(job, cluster), ...addedObjects(job, cluster)],
    })),
    ...stack.apps.map((app) => ({
      construct: app,
      path: `${app.node.id}.yaml`,
      objects: [...appObjects(app, cluster), ...addedObjects(app, cluster)],
    })),
    ...withStatic(stack).map((app) => ({
      construct: app,
      path: `${staticId(app)}.yaml`,
      objects: staticObjects(app, cluster),
    })),
    ...workersOf(stack).map((worker) => ({
      construct: worker,
      path: `${worker.node.id}.yaml`,
      objects: [...workerObjects(worker, cluster), ...addedObjects(worker, cluster)],
    })),
    ...schedulesOf(stack).map((schedule) => ({
      construct: schedule,
      path: `${schedule.node.id}.yaml`,
      objects: [...scheduleObjects(schedule, cluster), ...addedObjects(schedule, cluster)],
    })),
    { construct: stack, path: 'nginx.yaml', objects: hasNginx(stack) ? nginxObjects(cluster) : [] },
  ];
  return namedByRelease(manifests.filter(({ objects }) => objects.length > 0));
}

export function manifestFile({ path, objects }: Manifest, { header }: Cluster): OutputFile {
  return { path, content: yamlComment(header) + yamlDocuments(objects.map(readable)) };
}

/** What `kubectl apply -k .` applies. */
export function kustomizationFile(manifests: readonly Manifest[], { stack, header }: Cluster): OutputFile {
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: KUSTOMIZATION,
    resources: manifests.map(({ path }) => path),
  };
  return {
    path: 'kustomization.yaml',
    content: yamlComment(header) + yamlDocument(patched('kubernetes', stack, KUSTOMIZATION, kustomization)),
  };
}

export const KUSTOMIZATION = 'Kustomization';

/** Keys in an order that does not depend on who wrote them, and files inside as they are. */
function readable(object: KubernetesObject): unknown {
  const ordered = inOrder(object) as KubernetesObject;
  if (object.kind !== 'ConfigMap') return ordered;
  const { data: texts } = ordered as { data?: Readonly<Record<string, string>> };
  if (texts === undefined) return ordered;
  const data = Object.entries(texts);
  return { ...ordered, data: Object.fromEntries(data.map(([file, text]) => [file, literalText(text)])) };
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}

const FIRST = ['apiVersion', 'kind', 'metadata', 'name', 'namespace'];

function rank(key: string): number {
  return FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length;
}
