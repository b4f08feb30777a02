import type {
  Container,
  PodSpec,
  ResourceRequirements,
  Volume as PodVolume,
  VolumeMount,
} from 'kubernetes-types/core/v1.js';
import { largestBody, secretVariables, type AsgiApp } from '../../model/app.js';
import type { ConfigFile } from '../../model/config-file.js';
import type { DataStore } from '../../model/data-store.js';
import type { Secret } from '../../model/secret.js';
import type { Task } from '../../model/task.js';
import { filesOf, mountsOf } from '../../model/tree.js';
import { MOUNTS, shimCommand, temporarySpace } from '../containers.js';
import { appImage } from '../context.js';
import { variablesOf } from '../observability.js';
import { singleProcessCommand } from '../server.js';
import { clusterTimeouts, type Cluster } from './cluster.js';
import { configFileKey, configFileName } from './config-file.js';
import { verbatim } from './expansion.js';
import { probes } from './probes.js';
import { cores, size } from './quantity.js';
import { secretName } from './secrets.js';
import { CONTAINER_SECURITY, objectName, placement, podBasics, spread, together, workload } from './workload.js';

/** A pod with one Uvicorn process. */
export function appPod(app: AsgiApp, cluster: Cluster, scripts: string | undefined): PodSpec {
  const own = workload(app.node.id, 'app', cluster);
  return {
    ...podBasics(own, cluster),
    ...placement(app),
    ...(isBoundToNode(app) ? together(own) : spread(own)),
    terminationGracePeriodSeconds: clusterTimeouts(app, cluster.stack).stopGrace,
    containers: [container(app, cluster, scripts)],
    volumes: podVolumes(app, { cluster, scripts, temporaryBytes: temporarySpace(largestBody(app)) }),
  };
}

/** What of an app a pod needs to run its image, whichever command it is for. */
type Runnable = Pick<AsgiApp, 'secrets' | 'volumes' | 'files' | 'cpu' | 'memory'>;

export function podVolumes(
  app: Runnable,
  { cluster, scripts, temporaryBytes }: { cluster: Cluster; scripts: string | undefined; temporaryBytes: number },
): PodVolume[] {
  return [
    temporary(temporaryBytes),
    ...(scripts === undefined ? [] : [{ name: 'scripts', configMap: { name: scripts } }]),
    ...secretVolumes(app.secrets, cluster),
    ...fileVolumes(app, cluster),
    ...mountsOf(app).map(({ volume }) => ({
      name: volumeName(volume.node.id),
      persistentVolumeClaim: { claimName: objectName(volume.node.id, cluster) },
    })),
  ];
}

/** A folder for files that go with the pod. In memory a full one is an error for one request; on disk it gets the pod evicted. */
export function temporary(bytes: number): PodVolume {
  return { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: size(bytes) } };
}

/** Whether the pods of an app share storage that one node alone can mount. */
export function isBoundToNode(app: Pick<AsgiApp, 'volumes'>): boolean {
  return Object.values(app.volumes).some(({ shared }) => !shared);
}

export function usesHealthScript({ health }: AsgiApp): boolean {
  return health.readiness === undefined || health.liveness === undefined;
}

export function usesStartScript(app: AsgiApp): boolean {
  return secretVariables(app).length > 0 || Object.keys(app.connections).length > 0;
}

function container(app: AsgiApp, cluster: Cluster, scripts: string | undefined): Container {
  const { drain } = clusterTimeouts(app, cluster.stack);
  return {
    name: app.node.id,
    image: appImage(app, cluster),
    imagePullPolicy: pullPolicy(appImage(app, cluster)),
    command: command(app, cluster).map(verbatim),
    ...environment(app, cluster),
    ports: [{ name: 'http', containerPort: app.port, protocol: 'TCP' }],
    ...probes(app),
    // Whoever sends requests here learns of the end at the same time as the pod, so the pod waits for them.
    lifecycle: { preStop: { sleep: { seconds: drain } } },
    resources: resources(app),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: mounts(app, scripts),
  };
}

/**
 * A tag of ours names its content, and a release tag does not move, so there is nothing to ask the registry for each time a
 * container starts: a registry that is down would then keep an app down that only has to restart.
 */
export function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return /@sha256:|:(?!latest$)[^:/]+$/.test(image) ? 'IfNotPresent' : 'Always';
}

function command(app: AsgiApp, cluster: Cluster): readonly string[] {
  const server = singleProcessCommand(app, cluster, clusterTimeouts(app, cluster.stack));
  if (!usesStartScript(app)) return server;
  return [...startedByShim(app, cluster), ...server];
}

/** Words before a command that gets the secrets and connections of an app. Kubernetes has waited already when a pod is to end. */
export function startedByShim(app: AsgiApp, cluster: Cluster): string[] {
  return shimCommand(app, { drainSeconds: 0, hostOf: hostIn(cluster) });
}

/** Where a database of the stack is: the name of its Service. */
export function hostIn(cluster: Cluster): (store: DataStore) => string {
  return ({ node }) => objectName(node.id, cluster);
}

export function environment(one: AsgiApp | Task, cluster: Cluster): Pick<Container, 'env'> {
  const variables = Object.entries(variablesOf(one, cluster));
  // The API server drops an empty list, and every apply would put it back.
  return variables.length === 0 ? {} : { env: variables.map(([name, value]) => ({ name, value: verbatim(value) })) };
}

/** A tenth of the cores is reserved: an app waits most of the time, and nodes would stand empty otherwise. */
export function resources({ cpu, memory }: Pick<Runnable, 'cpu' | 'memory'>): ResourceRequirements {
  return {
    requests: { cpu: cores(Math.max(0.01, cpu / 10)), memory: size(memory), ...LOGS.requests },
    limits: { cpu: cores(cpu), memory: size(memory), ...LOGS.limits },
  };
}

/**
 * Logs are all that a container writes to a disk: the kubelet keeps 50Mi, but looks only every 10 s. Nothing is reserved for them:
 * a node that does not count its storage (rootless ones do not) would take no pod that asks for some.
 */
export const LOGS = { requests: { 'ephemeral-storage': '0' }, limits: { 'ephemeral-storage': '512Mi' } } as const;

export function mounts(app: Runnable, scripts: string | undefined): VolumeMount[] {
  return [
    { name: 'tmp', mountPath: '/tmp' },
    ...(scripts === undefined ? [] : [{ name: 'scripts', mountPath: MOUNTS, readOnly: true }]),
    ...(app.secrets.length === 0 ? [] : [{ name: 'secrets', mountPath: '/run/secrets', readOnly: true }]),
    ...mountsOf(app).map(({ path, volume }) => ({ name: volumeName(volume.node.id), mountPath: path })),
    // Each at its own path: a folder in its place would hide what the image has there.
    ...filesOf(app).map(({ path, file }) => ({
      name: fileVolumeName(file),
      mountPath: path,
      subPath: configFileKey(file),
      readOnly: true,
    })),
  ];
}

function fileVolumes(app: Runnable, cluster: Cluster): PodVolume[] {
  const files = [...new Set(filesOf(app).map(({ file }) => file))];
  return files.map((file) => ({ name: fileVolumeName(file), configMap: { name: configFileName(file, cluster) } }));
}

function fileVolumeName({ node }: ConfigFile): string {
  return `file-${node.id}`;
}

/** Secrets in one folder, readable by the group of the pod alone. */
export function secretVolumes(secrets: readonly Secret[], cluster: Cluster): PodVolume[] {
  if (secrets.length === 0) return [];
  const sources = secrets.map((secret) => ({
    secret: { name: secretName(secret, cluster), items: [{ key: secret.node.id, path: secret.node.id }] },
  }));
  return [{ name: 'secrets', projected: { defaultMode: 0o440, sources } }];
}

function volumeName(id: string): string {
  return `volume-${id}`;
}
