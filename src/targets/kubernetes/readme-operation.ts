import { code, type MarkdownSection } from '../../formats/markdown.js';
import { configFilesOf, jobsOf, mountsOf, releasedIds, schedulesOf, volumesOf } from '../../model/tree.js';
import { shellWord } from '../context.js';
import { databaseSections } from '../readme-databases.js';
import { hasNginx, hasRoutes, type Cluster } from './cluster.js';
import { INSTANCE, NAME, objectName } from './workload.js';

/** An apply gives a cluster everything at once, so that whoever deploys waits. */
export function jobs(cluster: Cluster): MarkdownSection[] {
  const { namespace, stack } = cluster;
  const all = jobsOf(stack);
  if (all.length === 0) return [];
  const before = [
    ...(stack.namespace.create === false ? [] : ['namespace.yaml']),
    ...[...volumesOf(stack), ...configFilesOf(stack), ...stack.databases].map(({ node }) => `${node.id}.yaml`),
  ];
  return [
    [
      'Jobs',
      'Before each new version, and one after the other; `synth deploy` does the same. A Job is named by the release and runs once for it: to apply it again changes nothing, until the cluster forgets it a week after its end. Deploy only where the last command ends with 0; else the old version serves on.',
      {
        shell: [
          ...before.map((file) => `kubectl apply -f ${file}`),
          ...stack.databases.map(
            ({ node }) => `kubectl rollout status deployment/${objectName(node.id, cluster)} --namespace ${namespace}`,
          ),
          ...all.flatMap(({ node }) => [
            `kubectl apply -f ${node.id}.yaml`,
            `job=$(kubectl get -f ${node.id}.yaml --output name | grep ^job)`,
            `kubectl logs --namespace ${namespace} --follow --pod-running-timeout 5m $job`,
            `kubectl wait --namespace ${namespace} --for condition=Complete --timeout 30s $job`,
          ]),
        ],
      },
    ],
  ];
}

export function deploy(cluster: Cluster): MarkdownSection {
  const { namespace, stack } = cluster;
  const waits = [...stack.databases.map(({ node }) => node.id), ...workloads(cluster)].map(
    (id) => `kubectl rollout status deployment/${objectName(id, cluster)} --namespace ${namespace}`,
  );
  return [
    'Deploy and update',
    'New pods start beside the old ones, and an old one is stopped only when a new one is ready. A version that does not become ready leaves the old pods serving, and `rollout status` ends with 1.',
    { shell: ['kubectl apply -k .', ...waits] },
    `What an update would change: ${code('kubectl diff -k .')}.`,
    ...(stack.apps.some((app) => mountsOf(app).some(({ volume }) => !volume.shared))
      ? [
          'The pods of an app with a volume that is not shared all run on one node, where they can see the same content: a drain of that node stops all of them before they start on another.',
        ]
      : []),
  ];
}

export function databases(cluster: Cluster): MarkdownSection[] {
  const { namespace } = cluster;
  const deployment = (id: string) => `deployment/${objectName(id, cluster)} --namespace ${namespace}`;
  const scale = (id: string, replicas: number) => `kubectl scale ${deployment(id)} --replicas ${replicas}`;
  return databaseSections(cluster, {
    where:
      'Each database is a Deployment of one pod with a volume of its own; the old pod ends before a changed one starts, and an update of an app does not touch it. An app waits for its database before it starts.',
    exec: ({ node }, terminal) =>
      `kubectl exec ${terminal ? '-it' : '-i'} --namespace ${namespace} deployment/${objectName(node.id, cluster)} --`,
    restart: ({ node }) => [
      `kubectl rollout restart ${deployment(node.id)}`,
      `kubectl rollout status ${deployment(node.id)}`,
    ],
    stop: ({ node }) => [
      scale(node.id, 0),
      `kubectl wait --for delete pod --selector ${selector(cluster)},${NAME}=${node.id} --namespace ${namespace} --timeout 1h`,
    ],
    start: ({ node, processes }) => [scale(node.id, processes), `kubectl rollout status ${deployment(node.id)}`],
  });
}

export function look(cluster: Cluster): MarkdownSection {
  const { namespace, stack } = cluster;
  return [
    'Look',
    {
      shell: [
        `kubectl get pods,services${routeKinds(cluster)} --namespace ${namespace} --selector ${selector(cluster)} --output wide`,
        `kubectl logs --namespace ${namespace} --selector ${selector(cluster)} --prefix --follow --tail 100 --max-log-requests 50`,
        `kubectl get events --namespace ${namespace} --sort-by .lastTimestamp`,
      ],
    },
    'A request to one pod, past the edge. The first command goes on until Ctrl-C; the second is for another terminal.',
    {
      shell: stack.apps
        .slice(0, 1)
        .flatMap(({ node, port, health }) => [
          `kubectl port-forward --namespace ${namespace} deployment/${objectName(node.id, cluster)} 18000:${port}`,
          `curl -i http://127.0.0.1:18000${shellWord(health.readiness ?? '/')}`,
        ]),
    },
  ];
}

export function rollBack(cluster: Cluster): MarkdownSection {
  return [
    'Go back',
    'To the pods of the version before. The next apply brings what is in this folder, so go back there as well.',
    {
      shell: workloads(cluster).map(
        (id) => `kubectl rollout undo deployment/${objectName(id, cluster)} --namespace ${cluster.namespace}`,
      ),
    },
  ];
}

export function prune(cluster: Cluster): MarkdownSection {
  const { namespace, stack } = cluster;
  const used = `kubectl get replicasets${taskKinds(stack)} --namespace ${namespace} --selector ${selector(cluster)} --output jsonpath='{..configMap.name}'`;
  return [
    'Prune',
    'ConfigMaps are named by their content. Those that neither a running version nor one to go back to uses can go. Objects of an app that the stack has no more stay as well, and are listed last.',
    {
      shell: [
        `used=$(${used}) && test -n "$used" && kubectl get configmaps --namespace ${namespace} --selector ${selector(cluster)} --output name | grep -vxF "$(echo "$used" | tr ' ' '\\n' | sed 's|^|configmap/|')" | xargs -r kubectl delete --namespace ${namespace}`,
        `kubectl get deployments${taskKinds(stack)},services,serviceaccounts,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers,persistentvolumeclaims${routeKinds(cluster)} --namespace ${namespace} --selector ${selector(cluster)}`,
      ],
    },
  ];
}

export function remove({ stack, namespace }: Cluster): MarkdownSection {
  const all =
    stack.namespace.create === false
      ? ''
      : ` and with the namespace ${code(namespace)} the Secrets and all else that is in it`;
  return [
    'Remove',
    `This deletes everything in this folder${all}${volumesOf(stack).length > 0 ? ', **the volumes and what they hold included**' : ''}.`,
    // With the namespace goes what is in it, so that some of it is gone before its turn comes.
    { shell: ['kubectl delete -k . --ignore-not-found'] },
  ];
}

function workloads({ stack }: Cluster): string[] {
  return [...releasedIds(stack), ...(hasNginx(stack) ? ['nginx'] : [])];
}

function taskKinds(stack: Cluster['stack']): string {
  return `${jobsOf(stack).length > 0 ? ',jobs' : ''}${schedulesOf(stack).length > 0 ? ',cronjobs' : ''}`;
}

function routeKinds({ stack }: Cluster): string {
  if (!hasRoutes(stack)) return '';
  return stack.gateway ? ',httproutes' : ',ingresses';
}

function selector({ name }: Cluster): string {
  return `${INSTANCE}=${name}`;
}
