import type { Job as BatchJob, JobSpec } from 'kubernetes-types/batch/v1.js';
import { START_SCRIPT } from '../../formats/python.js';
import { Job } from '../../model/job.js';
import { limitedShim } from '../containers.js';
import { contentHash } from '../context.js';
import type { Cluster } from './cluster.js';
import type { Manifest } from './manifests.js';
import { taskNetworkPolicy } from './network-policy.js';
import { configMap, emit, namedByContent, type KubernetesObject } from './objects.js';
import { hostIn } from './pod.js';
import { endingPod } from './task-pod.js';
import { serviceAccount, workload } from './workload.js';

/** Seconds after which the cluster forgets a job that has ended: a week in which its logs can be read. */
const FORGOTTEN = 7 * 24 * 3600;

/** Seconds for a node to be found and an image to be pulled, beyond the time of the command itself. */
export const START_TIME = 300;

/** Everything that a job is in a cluster. `namedByRelease` completes its name. */
export function jobObjects(job: Job, cluster: Cluster): KubernetesObject[] {
  const own = workload(job.node.id, 'job', cluster);
  const scripts = emit(job, cluster, [configMap(own, { 'start.py': START_SCRIPT })]).map(namedByContent);
  const spec: JobSpec = {
    // Whether it can be tried again is for somebody to decide who knows why it failed.
    backoffLimit: 0,
    // The shim ends the command before that, so that its pod stays with what it said; this is for one that never starts.
    activeDeadlineSeconds: job.timeout + job.gracePeriod + START_TIME,
    ttlSecondsAfterFinished: FORGOTTEN,
    template: {
      metadata: { labels: own.labels },
      spec: endingPod(job, cluster, {
        own,
        scripts: scripts[0]?.metadata.name,
        shim: limitedShim(job, hostIn(cluster)),
      }),
    },
  };
  return [
    ...scripts,
    ...emit(job, cluster, [
      serviceAccount(own, job.annotations),
      taskNetworkPolicy(job, own, cluster),
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: own.name, labels: own.labels },
        spec,
      } satisfies BatchJob,
    ]),
  ];
}

/** A Job runs once and cannot be changed: each release has one of its own, named by everything that the release is. */
export function namedByRelease(manifests: readonly Manifest[]): Manifest[] {
  if (!manifests.some(({ construct }) => construct instanceof Job)) return [...manifests];
  const hash = contentHash(JSON.stringify(manifests.map(({ objects }) => objects)));
  return manifests.map((manifest) => {
    const { construct, objects } = manifest;
    const own = construct instanceof Job ? objects.find(({ kind }) => kind === 'Job') : undefined;
    const named = (object: KubernetesObject) => ({
      ...object,
      metadata: { ...object.metadata, name: `${object.metadata.name}-${hash}` },
    });
    return { ...manifest, objects: objects.map((object) => (object === own ? named(object) : object)) };
  });
}
