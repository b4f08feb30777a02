import { together, type Reasons } from '../reasons.js';

const docs = (page: string) => `https://kubernetes.io/docs/${page}`;
const STANDARD = docs('concepts/security/pod-security-standards/');
const PROBES = docs('concepts/configuration/liveness-readiness-startup-probes/');

const POD: Reasons = {
  '*.*.pod.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.**': {
    why: 'all pods on one node, since the volume can be on one alone',
    from: ['volumes', 'app'],
  },
  '*.*.pod.spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.**': {
    why: 'on the node of its app, where the volume is, if that runs',
    from: ['app'],
  },
  '*.*.pod.spec.affinity.podAntiAffinity.**': {
    why: 'pods on different nodes, as far as there are any',
    source: docs('concepts/scheduling-eviction/assign-pod-node/'),
  },
  '*.*.pod.spec.topologySpreadConstraints.[].matchLabelKeys.[]': {
    why: 'only pods of one version count: else an update leaves them lopsided',
  },
  '*.*.pod.spec.topologySpreadConstraints.**': {
    why: 'evenly over nodes and zones, as far as there are any',
    source: docs('concepts/scheduling-eviction/topology-spread-constraints/'),
  },
  '*.*.pod.spec.automountServiceAccountToken': { why: 'no token of the API in the pod: nothing here asks it' },
  '*.*.pod.spec.enableServiceLinks': {
    why: 'no variables for each Service: UVICORN_PORT, for a Service of that name, would stop the server',
    source: docs('concepts/services-networking/service/#environment-variables'),
  },
  '*.*.pod.spec.imagePullSecrets.[].name': {
    why: 'with it the node asks the registry',
    from: ['Stack.imagePullSecrets'],
  },
  '*.*.pod.spec.containers': { why: 'one, with one process' },
  '*.*.pod.spec.restartPolicy': { why: 'a command that ends is not started again in place' },
  'Postgres|Redis.*.pod.spec.securityContext.runAsUser|runAsGroup|fsGroup': {
    why: 'the server’s own user in the official image, to whom the volume belongs',
  },
  '*.*.pod.spec.securityContext.runAsUser|runAsGroup|runAsNonRoot': {
    why: 'no root: uid and gid 10001, whatever the image says',
    source: STANDARD,
  },
  '*.*.pod.spec.securityContext.fsGroup|fsGroupChangePolicy': {
    why: 'volumes and secrets are readable by that group; what is so already is not gone through again',
  },
  '*.*.pod.spec.securityContext.seccompProfile.type': {
    why: 'system calls that no program needs are refused',
    source: STANDARD,
  },
  '*.*.pod.spec.serviceAccountName': { why: 'an account of its own, which may do nothing' },
  'AsgiApp.*.pod.spec.terminationGracePeriodSeconds': {
    why: 'seconds from the end of the pod until it is killed: the drain, the graceful time and the end of the process fit in',
    from: ['requestTimeout', 'routes'],
    link: 'stopGrace',
    source: docs('concepts/workloads/pods/pod-lifecycle/#pod-termination'),
  },
  'Postgres|Redis.*.pod.spec.terminationGracePeriodSeconds': { why: 'seconds for a last checkpoint' },
  'Edge.*.pod.spec.terminationGracePeriodSeconds': {
    why: 'seconds for balancers to let go, for the longest request, and for nginx itself to end',
    from: ['AsgiApp.requestTimeout', 'AsgiApp.routes'],
  },
  '*.*.pod.spec.terminationGracePeriodSeconds': {
    why: 'seconds from SIGTERM until it is killed',
    from: ['gracePeriod'],
  },
  '*.*.pod.spec.tolerations.**': {
    why: 'a node that is gone is given up after half a minute instead of five',
    source: docs('concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions'),
  },
  '*.*.pod.spec.volumes.[].name': { why: 'by this name the container mounts it' },
  '*.*.pod.spec.volumes.[].emptyDir.*': {
    why: 'memory for what goes with the pod: uploads are spooled there',
    from: ['bodyLimit', 'routes'],
  },
  '*.*.pod.spec.volumes.[].configMap.name': { why: 'files of ours or of yours', from: ['files', 'app'] },
  'Edge.*.pod.spec.volumes.[].secret.**': {
    why: 'the certificate and its key, readable by the group of the pod alone',
    from: ['Stack.tls'],
  },
  '*.*.pod.spec.volumes.[].projected.**': {
    why: 'secrets in one folder, readable by the group of the pod alone',
    from: ['secrets', 'connections', 'password', 'app'],
    source: docs('concepts/storage/projected-volumes/'),
  },
  '*.*.pod.spec.volumes.[].persistentVolumeClaim.claimName': { why: 'storage that stays', from: ['volumes', 'app'] },
};

const CONTAINER: Reasons = {
  'Postgres.*.container.env.[].*': {
    why: 'what the entry point of the official image makes the database from; the password comes from a file',
    from: ['database', 'user'],
    source: 'https://hub.docker.com/_/postgres',
  },
  '*.*.container.env.[].*': { why: 'a variable of the app, or of what runs beside it', from: ['environment', 'app'] },
  '*.*.container.name': { why: 'the name in kubectl logs and kubectl exec', from: ['id'] },
  'AsgiApp.*.container.image': {
    why: 'the image that is built from the source, tagged by a hash of what goes into it; or the one that is named',
    from: ['source', 'image', 'Stack.registry'],
  },
  'Worker|Job|Schedule.*.container.image': { why: 'the image of its app', from: ['app'] },
  '*.*.container.image': {
    why: 'by full version, and by digest where the lock file has one',
    from: ['Stack.images', 'version'],
  },
  '*.*.container.imagePullPolicy': {
    why: 'a tag of ours never moves: a registry that is away keeps no pod from starting again',
    source: docs('concepts/containers/images/#image-pull-policy'),
  },
  '*.*.container.command': { why: 'what is run' },
  '*.*.container.args': { why: 'what is run under it' },
  'AsgiApp.*.container.lifecycle.preStop.sleep.seconds': {
    why: 'whoever sends requests here learns of the end at the same time as the pod: it waits until they have let go',
    link: 'drain',
    source: docs('concepts/containers/container-lifecycle-hooks/'),
  },
  'Edge|Static.*.container.lifecycle.**': {
    why: 'tells clients to use another connection, and waits until balancers have let go',
  },
  '*.*.container.ports.[].containerPort': { why: 'where it listens', from: ['port'] },
  '*.*.container.ports.[].*': { why: 'a name for the port, by which probes and Services find it' },
  '*.*.container.startupProbe.failureThreshold': {
    why: 'failures until the start has failed: with the period the startup time',
    from: ['health'],
    source: PROBES,
  },
  '*.*.container.startupProbe.terminationGracePeriodSeconds': {
    why: 'no request has come to an app that has not started: there is none to wait for',
  },
  '*.*.container.livenessProbe.failureThreshold|periodSeconds|timeoutSeconds': {
    why: 'slow to kill: an app that is merely busy must not be restarted into more work for the others',
    source: PROBES,
  },
  '*.*.container.readinessProbe.failureThreshold|periodSeconds|timeoutSeconds': {
    why: 'quick to take away what does not answer, and quick to give it back',
    source: PROBES,
  },
  '*.*.container.startupProbe.periodSeconds|timeoutSeconds': {
    why: 'seconds between two questions while it starts, and for one answer',
  },
  '*.*.container.startupProbe|livenessProbe|readinessProbe.httpGet.path': {
    why: 'what is asked: liveness at the start and after it, readiness for whether requests may come',
    from: ['health'],
  },
  '*.*.container.startupProbe|livenessProbe|readinessProbe.httpGet.httpHeaders.[].*': {
    why: 'a Host that the app answers',
    from: ['hosts'],
  },
  '*.*.container.startupProbe|livenessProbe|readinessProbe.httpGet.port': { why: 'where it is asked' },
  '*.*.container.startupProbe|livenessProbe|readinessProbe.tcpSocket.port': {
    why: 'whether it takes connections at all',
  },
  'Postgres|Redis.*.container.**.exec.command.**': { why: 'whether the server takes connections' },
  'Worker.*.container.startupProbe|livenessProbe.exec.command.**': {
    why: 'the check of a worker, which says itself how it is',
    from: ['health'],
  },
  'AsgiApp.*.container.**.exec.command.**': {
    why: 'the check of ours, for which any status below 500 is right: httpGet takes 404 for a failure',
    from: ['health', 'port', 'hosts'],
  },
  'Edge|Static.*.container.resources.**': { why: 'what nginx may take, and what is reserved for it' },
  '*.*.container.resources.limits.memory': { why: 'of one process; what takes more is killed alone', from: ['memory'] },
  '*.*.container.resources.limits.cpu': { why: 'cores that one process may use', from: ['cpu'] },
  '*.*.container.resources.limits|requests.ephemeral-storage': {
    why: 'logs are all that it writes to a disk: bounded, and nothing is reserved for them',
    source: docs('concepts/configuration/manage-resources-containers/#local-ephemeral-storage'),
  },
  '*.*.container.resources.requests.memory': {
    why: 'as much as the limit: it is there when it is needed',
    from: ['memory'],
  },
  '*.*.container.resources.requests.cpu': {
    why: 'a tenth of the cores is reserved: an app waits most of the time, and nodes would stand empty otherwise',
    from: ['cpu'],
  },
  '*.*.container.securityContext.**': {
    why: 'no rights beyond those of its user, no capability, and nothing to write on but what is mounted',
    source: STANDARD,
  },
  '*.*.container.volumeMounts.[].*': {
    why: 'where a volume of the pod is inside the container',
    from: ['volumes', 'files', 'secrets', 'app'],
  },
};

/** Why each place of a pod is there. `container` is its only one. */
export const POD_REASONS: Reasons = together(POD, CONTAINER);
