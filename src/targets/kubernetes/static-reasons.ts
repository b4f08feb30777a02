import { below, together, type Reasons } from '../reasons.js';

const OBJECTS: Reasons = {
  'Deployment.spec.replicas': {
    why: 'two: while one is of the new version, the other still has the files of the old one',
  },
  'Deployment.spec.minReadySeconds': {
    why: 'seconds between a new pod and the end of an old one: pages of the old version still find their files',
  },
  'Deployment.spec.progressDeadlineSeconds': { why: 'seconds after which the update has failed' },
  'Deployment.spec.strategy.rollingUpdate.maxSurge': { why: 'one more while an update runs' },
  'PodDisruptionBudget.spec.maxUnavailable': { why: 'pods that a drain of nodes may take at once' },
  'Service.spec.clusterIP': {
    why: 'no address of its own: by its name nginx of ours finds every pod, and the pods each other',
  },
  'Service.spec.ports.[].port': { why: 'the port of its address' },
  'NetworkPolicy.spec.ingress.**': {
    why: 'the edge may reach the files, and each pod the others',
    from: ['Stack.allowFrom'],
  },
  'NetworkPolicy.spec.egress.**': { why: 'name servers, and the other pods with these files' },
};

const POD: Reasons = {
  'pod.spec.terminationGracePeriodSeconds': {
    why: 'seconds for balancers to let go, for a download that goes on, and for nginx itself to end',
  },
  'pod.spec.volumes.[].emptyDir.*': { why: 'memory for what goes with the pod, of which nginx needs little here' },
  'pod.spec.volumes.[].configMap.name': { why: 'the configuration, and the script that runs nginx' },
  'container.image': {
    why: 'nginx with the files, tagged by a hash of what goes into it',
    from: ['static', 'source', 'image', 'Stack.registry', 'Stack.images'],
  },
  'container.name': { why: 'the name in kubectl logs and kubectl exec' },
  'container.ports.[].containerPort': { why: 'where it listens: for the edge, for other pods, for probes' },
  'container.startupProbe.failureThreshold': { why: 'failures until the start has failed: seconds, with the period' },
  'container.readinessProbe.httpGet.path': { why: 'whether nginx is alive' },
  'container.volumeMounts.[].*': { why: 'where a volume of the pod is inside the container' },
};

/** Why each place of an nginx with static files is there where it is not as elsewhere. It goes before what all pods have. */
export const STATIC_POD_REASONS: Reasons = together(below('Static', OBJECTS), below('Static.*', POD));
