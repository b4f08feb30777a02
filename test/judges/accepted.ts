/** A finding of a foreign judge that we accept, with the reason. Everything else fails the tests. */
interface Accepted {
  readonly judge: 'kube-score' | 'checkov' | 'hadolint';
  readonly id: string;
  /** Object that it is accepted for. @default - every one */
  readonly object?: string;
  readonly reason: string;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    judge: 'kube-score',
    id: 'pod-probes-identical',
    reason: 'an app with one health path has one probe; the user splits it with health: { readiness, liveness }',
  },
  {
    judge: 'kube-score',
    id: 'container-image-pull-policy',
    reason: 'tags are hashes of the content, so a pull at each start adds nothing but a dependency on the registry',
  },
  { judge: 'checkov', id: 'CKV_K8S_15', reason: 'the same: image pull policy' },
  {
    judge: 'checkov',
    id: 'CKV_K8S_43',
    reason: 'an image has a digest once it was built and pushed; digests come from the lock file, and none is invented',
  },
  {
    judge: 'kube-score',
    id: 'container-ephemeral-storage-request-and-limit',
    reason:
      'the limit is set; a request keeps every pod pending where kubelets do not count local storage, as rootless clusters do',
  },
  ...['queue.queue-emails', 'full.full-mails'].map((worker) => ({
    judge: 'checkov' as const,
    id: 'CKV_K8S_9',
    object: `Deployment.${worker}`,
    reason: 'nobody sends requests to a worker, so it needs no readiness beside its startup and liveness',
  })),
  ...['full/full-admin', 'stages/stages-api'].map((app) => ({
    judge: 'kube-score' as const,
    id: 'deployment-replicas',
    object: `Deployment/apps/v1/${app}`,
    reason: 'one process is what its stack asks for',
  })),
  ...['CKV_K8S_8', 'CKV_K8S_9'].map((id) => ({
    judge: 'checkov' as const,
    id,
    object: 'Deployment.observed.observed-idler',
    reason: 'it shows what a worker is told, and waits: while its command runs, it is well',
  })),
  ...['shop/shop-api', 'ledger/ledger-api', 'clock/clock-api', 'full/full-admin'].map((app) => ({
    judge: 'kube-score' as const,
    id: 'deployment-has-host-podantiaffinity',
    object: `Deployment/apps/v1/${app}`,
    reason: 'its volume is on one node, so all of its pods must be on that node too',
  })),
  ...['data/data-db', 'data/data-cache', 'full/full-db', 'full/full-cache'].flatMap((name): Accepted[] => [
    ...['deployment-replicas', 'deployment-strategy'].map((id) => ({
      judge: 'kube-score' as const,
      id,
      object: `Deployment/apps/v1/${name}`,
      reason:
        'a database of one instance: two servers would destroy its volume, so the old one ends before the new one starts',
    })),
    {
      judge: 'kube-score',
      id: 'container-security-context-user-group-id',
      object: `Deployment/apps/v1/${name}`,
      reason: 'the official images are made for uid 999, to which their folders belong',
    },
    { judge: 'checkov', id: 'CKV_K8S_40', object: `Deployment.${name.replace('/', '.')}`, reason: 'the same: uid 999' },
  ]),
];

export function isAccepted(judge: Accepted['judge'], id: string, object = ''): boolean {
  return ACCEPTED.some((one) => one.judge === judge && one.id === id && (one.object ?? object) === object);
}
