import { OBSERVABILITY_REASONS, REQUEST_REASONS } from '../observability-reasons.js';
import { IMAGE_REASONS } from '../image-reasons.js';
import { NGINX_REASONS } from '../nginx-reasons.js';
import { isOwnLabel, together, type Reasons } from '../reasons.js';
import { STATIC_REASONS } from '../static-reasons.js';
import { WORD_REASONS } from '../words-reasons.js';
import { POD_REASONS } from './pod-reasons.js';
import { STATIC_POD_REASONS } from './static-reasons.js';

const docs = (page: string) => `https://kubernetes.io/docs/${page}`;

/** What every object has. */
const METADATA: Reasons = {
  '*.head': { why: 'says what made the file and how to remake it' },
  '*.---': { why: 'parts one object from the next' },
  '*.*.apiVersion': { why: 'the version of the API, which the last three minor versions of Kubernetes serve' },
  '*.*.kind': { why: 'what the object is' },
  'Job.Job.metadata.name': {
    why: 'with a hash of the release: a Job runs once and cannot be changed',
    from: ['Stack.name', 'id'],
  },
  '*.ConfigMap.metadata.name': {
    why: 'with a hash of its content: a changed one rolls the pods that mount it, an unchanged one restarts nothing',
    from: ['Stack.name', 'id'],
  },
  'Stack.Namespace.metadata.name': { why: 'the namespace of the stack', from: ['Stack.namespace', 'Stack.name'] },
  '*.*.metadata.name': {
    why: 'the deployed name and the id, so that two stages never meet',
    from: ['Stack.name', 'id'],
  },
  '*.*.metadata.namespace': { why: 'the namespace of the stack', from: ['Stack.namespace', 'Stack.name'] },
  '*.*.metadata.annotations.*': {
    why: 'asks cert-manager for the certificate',
    from: ['Stack.tls'],
    source: 'https://cert-manager.io/docs/usage/ingress/',
  },
  '**.labels|matchLabels|selector."app.kubernetes.io/instance"': {
    why: 'the deployed name; with the next one it finds the pods, so that it cannot be anything else',
    from: ['Stack.name'],
  },
  '**.labels|matchLabels|selector."app.kubernetes.io/name"': {
    why: 'the id of the construct; with the instance it finds the pods',
    from: ['id'],
  },
  '**.labels."app.kubernetes.io/component"': { why: 'the part that it plays' },
  '**.labels."app.kubernetes.io/managed-by"': {
    why: 'by this label synth deploy knows what is its own, and prunes nothing else',
  },
  '**.labels."app.kubernetes.io/part-of"': {
    why: 'the stack, whatever its stage',
    from: ['Stack.name'],
    source: docs('concepts/overview/working-with-objects/common-labels/'),
  },
  'Stack.Namespace.metadata.labels.*': {
    why: 'lets in no pod that asks for more than the Pod Security Standard "restricted" allows',
    source: docs('concepts/security/pod-security-standards/'),
    when: ({ path }) => (path.at(-1) ?? '').startsWith('pod-security'),
  },
  '**.labels.*': { why: 'a label of yours, which every object has', from: ['Stack.labels'], when: isOwnLabel },
};

const WORKLOADS: Reasons = {
  'AsgiApp.Deployment.spec.replicas': {
    why: 'pods of one Uvicorn process each, which the Deployment starts, watches and replaces. Not there where an autoscaler counts',
    from: ['processes'],
    source: docs('concepts/workloads/controllers/deployment/'),
  },
  'Worker.Deployment.spec.replicas': { why: 'pods of the worker', from: ['processes'] },
  'Edge.Deployment.spec.replicas': { why: 'two, so that one may go' },
  'Postgres|Redis.Deployment.spec.replicas': { why: 'one, and never two: they would destroy the volume' },
  '*.Deployment.spec.revisionHistoryLimit': { why: 'versions to which it can go back' },
  '*.Deployment.spec.minReadySeconds': {
    why: 'seconds that a new pod stays ready before the next one is replaced: one that starts and falls is seen',
  },
  '*.Deployment.spec.progressDeadlineSeconds': {
    why: 'seconds after which the update has failed: the startup time, and three minutes for an image and a node',
    from: ['health'],
    source: docs('concepts/workloads/controllers/deployment/#failed-deployment'),
  },
  'Worker.Deployment.spec.strategy.**': {
    why: 'an old pod ends before a new one starts, a quarter at a time: the queue keeps what no worker takes',
    from: ['processes'],
  },
  'Postgres|Redis.Deployment.spec.strategy.type': {
    why: 'the old pod has ended before the new one starts: two servers on one volume would destroy it',
    source: docs('concepts/workloads/controllers/deployment/#recreate-deployment'),
  },
  '*.Deployment.spec.strategy.type': {
    why: 'new pods start beside the old ones',
    source: docs('concepts/workloads/controllers/deployment/#rolling-update-deployment'),
  },
  '*.Deployment.spec.strategy.rollingUpdate.maxSurge': { why: 'a quarter more while an update runs' },
  '*.Deployment.spec.strategy.rollingUpdate.maxUnavailable': {
    why: 'none stops before a new one is ready: no request is lost',
  },
  '*.HorizontalPodAutoscaler.spec.minReplicas|maxReplicas': {
    why: 'the fewest and the most pods',
    from: ['processes'],
    source: docs('tasks/run-application/horizontal-pod-autoscale/'),
  },
  '*.HorizontalPodAutoscaler.spec.scaleTargetRef.*': { why: 'the Deployment that it scales' },
  '*.HorizontalPodAutoscaler.spec.metrics.[].resource.target.averageValue': {
    why: 'cores that a pod uses on average: as many pods as it takes for that',
    from: ['processes', 'cpu'],
  },
  '*.HorizontalPodAutoscaler.spec.metrics.**': {
    why: 'what is measured: the cores that the pods use, from a metrics server',
    from: ['processes'],
  },
  '*.PodDisruptionBudget.spec.maxUnavailable': {
    why: 'pods that a drain of nodes may take at once; all, where their volume binds them to one node, which could never be drained otherwise',
    from: ['volumes'],
    source: docs('tasks/run-application/configure-pdb/'),
  },
  '*.PodDisruptionBudget.spec.unhealthyPodEvictionPolicy': { why: 'a pod that is not ready holds up nobody’s drain' },
  '*.Job.spec.backoffLimit': {
    why: 'not tried again: whether it can be is for somebody to decide who knows why it failed',
  },
  'Job.Job.spec.activeDeadlineSeconds': {
    why: 'for a pod that never starts; the shim ends a command that takes too long before that',
    from: ['timeout', 'gracePeriod'],
    source: docs('concepts/workloads/controllers/job/#job-termination-and-cleanup'),
  },
  '*.Job.spec.ttlSecondsAfterFinished': {
    why: 'a week in which its logs can be read',
    source: docs('concepts/workloads/controllers/ttlafterfinished/'),
  },
  '*.CronJob.spec.schedule': {
    why: 'when it runs',
    from: ['cron'],
    source: docs('concepts/workloads/controllers/cron-jobs/'),
  },
  '*.CronJob.spec.timeZone': { why: 'the time zone of that', from: ['timeZone'] },
  '*.CronJob.spec.concurrencyPolicy': {
    why: 'what happens at a tick while the run before is not done',
    from: ['overlap'],
  },
  '*.CronJob.spec.startingDeadlineSeconds': {
    why: 'seconds for which a tick that was missed is made up',
    from: ['deadline'],
  },
  '*.CronJob.spec.successfulJobsHistoryLimit|failedJobsHistoryLimit': { why: 'runs whose logs can still be read' },
  '*.CronJob.spec.jobTemplate.spec.backoffLimit': { why: 'a tick runs at most once' },
  '*.CronJob.spec.jobTemplate.spec.activeDeadlineSeconds': {
    why: 'for a pod that never starts; the shim ends a command that takes too long before that',
    from: ['timeout', 'gracePeriod'],
  },
};

const NETWORK: Reasons = {
  '*.Service.spec.type': {
    why: 'an address inside the cluster; of the edge, where nothing of the cluster leads to it, one outside',
    from: ['Stack.ingress', 'Stack.gateway'],
    source: docs('concepts/services-networking/service/'),
  },
  '*.Service.spec.clusterIP': {
    why: 'no address of its own: its name has that of every ready pod, and nginx balances requests over them',
    source: docs('concepts/services-networking/service/#headless-services'),
  },
  '*.Service.spec.externalTrafficPolicy': {
    why: 'shows who the client is: a second hop would hide it',
    source: docs('tutorials/services/source-ip/'),
  },
  'Edge.Service.spec.ports.[].port': {
    why: 'the port at which the world asks',
    from: ['Stack.httpPort', 'Stack.httpsPort'],
  },
  '*.Service.spec.ports.[].port': { why: 'the port of its address', from: ['port'] },
  '*.Service.spec.ports.[].*': { why: 'the named port of the pods that it leads to' },
  '*.NetworkPolicy.spec.policyTypes.[]': {
    why: 'both directions are ruled here: what is not allowed below is not possible',
    source: docs('concepts/services-networking/network-policies/'),
  },
  'Edge.NetworkPolicy.spec.ingress.**': { why: 'everybody may ask the edge' },
  'Postgres|Redis.NetworkPolicy.spec.ingress.**': {
    why: 'the apps that use the database may reach it, and nobody else',
    from: ['AsgiApp.connections'],
  },
  '*.NetworkPolicy.spec.ingress.**': {
    why: 'who may reach it: the edge, and those that the stack names',
    from: ['Stack.allowFrom', 'port'],
  },
  'Edge.NetworkPolicy.spec.egress.**': { why: 'name servers, and the apps' },
  '*.NetworkPolicy.spec.egress.**': {
    why: 'whom it may reach: everybody, unless the stack says otherwise',
    from: ['Stack.allowTo', 'connections'],
  },
  '*.Ingress.spec.ingressClassName': { why: 'the controller that serves it', from: ['Stack.ingress'] },
  '*.Ingress.spec.rules.**': {
    why: 'host and prefix that lead here',
    from: ['hosts', 'pathPrefix'],
    source: docs('concepts/services-networking/ingress/'),
  },
  '*.Ingress.spec.tls.**': { why: 'the Secret with the certificate of the hosts', from: ['Stack.tls', 'hosts'] },
  '*.HTTPRoute.spec.parentRefs.**': {
    why: 'the Gateway to attach to',
    from: ['Stack.gateway'],
    source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/',
  },
  '*.HTTPRoute.spec.hostnames.[]': { why: 'the Host that is meant', from: ['hosts', 'Stack.redirects'] },
  '*.HTTPRoute.spec.rules.[].timeouts.request': {
    why: 'longer than the longest request, so that the app gives up first',
    from: ['requestTimeout', 'routes'],
    link: 'proxyRead',
  },
  '*.HTTPRoute.spec.rules.**': {
    why: 'prefix, filters and the Service that the request goes to',
    from: ['pathPrefix', 'routes', 'responseHeaders', 'Stack.redirects'],
  },
};

const OTHERS: Reasons = {
  'Stack.Kustomization.resources.[]': {
    why: 'a file that kubectl apply -k . applies, in the order in which a cluster should get them',
  },
  '*.ServiceAccount.automountServiceAccountToken': {
    why: 'no token of the API in any pod: nothing here asks it',
    source: docs('tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting'),
  },
  '*.ConfigMap.immutable': {
    why: 'cannot be changed under its name, which says its content',
    source: docs('concepts/configuration/configmap/#configmap-immutable'),
  },
  'ConfigFile.ConfigMap.data|binaryData.**': { why: 'a text of yours, byte for byte', from: ['file', 'content'] },
  '*.ConfigMap.data."start.py"|"health.py"|"nginx.conf"|"start.sh"': {
    why: 'a file of ours for the containers to mount',
  },
  '*.PersistentVolumeClaim.spec.accessModes.[]': {
    why: 'one node, or several at a time',
    from: ['shared'],
    source: docs('concepts/storage/persistent-volumes/#access-modes'),
  },
  '*.PersistentVolumeClaim.spec.storageClassName': { why: 'what kind of storage', from: ['storageClass'] },
  '*.PersistentVolumeClaim.spec.resources.requests.storage': { why: 'how much', from: ['size', 'storage'] },
};

const SCRAPING: Reasons = {
  'AsgiApp.Deployment.**.annotations."prometheus.io/scrape"|"prometheus.io/port"|"prometheus.io/path"': {
    why: 'how the usual configuration of Prometheus finds the pods: every cluster takes it, with or without its Operator',
    from: ['metrics', 'port'],
    source:
      'https://github.com/prometheus-community/helm-charts/tree/main/charts/prometheus#scraping-pod-metrics-via-annotations',
  },
};

/** Why each place of the output for a cluster is there. */
export const kubernetesReasons: Reasons = together(
  OBSERVABILITY_REASONS,
  REQUEST_REASONS,
  SCRAPING,
  STATIC_POD_REASONS,
  METADATA,
  WORKLOADS,
  NETWORK,
  POD_REASONS,
  WORD_REASONS,
  OTHERS,
  NGINX_REASONS,
  IMAGE_REASONS,
  STATIC_REASONS,
);
