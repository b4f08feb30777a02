import type { CronJob, CronJobSpec } from 'kubernetes-types/batch/v1.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Overlap, Schedule } from '../../model/schedule.js';
import { limitedShim } from '../containers.js';
import type { Cluster } from './cluster.js';
import { START_TIME } from './job.js';
import { taskNetworkPolicy } from './network-policy.js';
import { configMap, emit, namedByContent, type KubernetesObject } from './objects.js';
import { hostIn } from './pod.js';
import { endingPod } from './task-pod.js';
import { serviceAccount, workload } from './workload.js';

const POLICIES = { forbid: 'Forbid', allow: 'Allow', replace: 'Replace' } satisfies Record<Overlap, string>;

/** Everything that a schedule is in a cluster, which has a clock of its own. */
export function scheduleObjects(schedule: Schedule, cluster: Cluster): KubernetesObject[] {
  const own = workload(schedule.node.id, 'schedule', cluster);
  const scripts = emit(schedule, cluster, [configMap(own, { 'start.py': START_SCRIPT })]).map(namedByContent);
  const { name, labels } = own;
  const pod = endingPod(schedule, cluster, {
    own,
    scripts: scripts[0]?.metadata.name,
    shim: limitedShim(schedule, hostIn(cluster)),
  });
  const spec: CronJobSpec = {
    schedule: schedule.cron,
    timeZone: schedule.timeZone,
    concurrencyPolicy: POLICIES[schedule.overlap],
    startingDeadlineSeconds: schedule.deadline,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels },
      spec: {
        // A tick runs at most once, so that one which has failed is not tried again.
        backoffLimit: 0,
        activeDeadlineSeconds: schedule.timeout + schedule.gracePeriod + START_TIME,
        template: { metadata: { labels }, spec: pod },
      },
    },
  };
  return [
    ...scripts,
    ...emit(schedule, cluster, [
      serviceAccount(own, schedule.annotations),
      taskNetworkPolicy(schedule, own, cluster),
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, labels }, spec } satisfies CronJob,
    ]),
  ];
}
