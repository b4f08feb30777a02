import { code, markdownPage, type MarkdownPart } from '../../formats/markdown.js';
import type { Secret } from '../../model/secret.js';
import { mountsOf, secretsOf, volumesOf } from '../../model/tree.js';
import { isBuilt, shellWord } from '../context.js';
import { buildCommands, processTable, secretValue } from '../readme.js';
import { hasNginx, hasRoutes, type Cluster } from './cluster.js';
import { secretName } from './secrets.js';
import { INSTANCE, objectName } from './workload.js';

type Section = readonly [heading: string, ...parts: MarkdownPart[]];

/** The operator's page: what to run, and what to look at when it fails. */
export function readme(cluster: Cluster): string {
  const { name, header } = cluster;
  const made = header.map((line, index) => (index === 0 ? line : code(line.trim()))).join(' ');
  return markdownPage(`${name} on Kubernetes`, [
    ['', made, introduction(cluster), processTable(cluster)],
    needs(cluster),
    ...build(cluster),
    ...credentials(cluster),
    ...secrets(cluster),
    deploy(cluster),
    look(cluster),
    whenItFails(cluster),
    scale(cluster),
    rollBack(cluster),
    prune(cluster),
    remove(cluster),
    notNative(cluster),
  ]);
}

function introduction(cluster: Cluster): string {
  return `Each replica is one pod with one Uvicorn process; a Deployment replicates, restarts and replaces them. ${edge(cluster)} Everything is in the namespace ${code(cluster.namespace)}.`;
}

function edge({ stack, name }: Cluster): string {
  const front = stack.gateway ? `HTTPRoutes at the Gateway ${code(stack.gateway.name)} lead` : 'An Ingress leads';
  if (hasNginx(stack) && hasRoutes(stack)) return `${front} to two nginx, which balance requests over all ready pods.`;
  if (hasNginx(stack)) return `Two nginx take requests on port ${stack.httpPort.port} of a load balancer, and balance them over all ready pods.`;
  if (hasRoutes(stack)) return `${front} to them.`;
  return `There is no edge: inside the cluster the app ${code(stack.apps[0]!.node.id)} is ${code(`http://${name}-${stack.apps[0]!.node.id}`)}.`;
}

function needs({ stack }: Cluster): Section {
  const items = [
    'Kubernetes 1.35 or newer, and `kubectl`; commands run in this folder.',
    ...(hasRoutes(stack) ? [routeNeed(stack)] : []),
    ...(hasNginx(stack) ? ['The cluster domain `cluster.local`, by which nginx finds the pods.'] : []),
    ...(hasNginx(stack) && !hasRoutes(stack) ? ['Something that gives addresses to Services of type LoadBalancer: a cloud, or MetalLB.'] : []),
    ...(volumesOf(stack).length > 0 ? ['StorageClasses that provide the volumes: `kubectl get storageclasses`.'] : []),
  ];
  return ['What it needs', { list: items }];
}

function routeNeed({ gateway, ingress }: Cluster['stack']): string {
  if (gateway) {
    const place = gateway.namespace === undefined ? '' : ` in namespace ${code(gateway.namespace)}, whose listeners let in routes of other namespaces`;
    return `Gateway API 1.4 or newer, and the Gateway ${code(gateway.name)}${place}.`;
  }
  return `A controller for the IngressClass ${ingress?.className === undefined ? 'that is the default of the cluster' : code(ingress.className)}.`;
}

function build(cluster: Cluster): Section[] {
  if (!cluster.stack.apps.some((app) => isBuilt(app, cluster))) return [];
  const where =
    cluster.stack.registry === undefined
      ? 'The stack names no `registry`, so the images stay on the machine that builds them. That is enough for a cluster on that machine: bring them to its nodes with `kind load docker-image`, `minikube image load` or `k3d image import`.'
      : 'The nodes pull the images from the registry.';
  return [['Build', where, { shell: buildCommands(cluster) }]];
}

function credentials({ stack, namespace }: Cluster): Section[] {
  if (stack.imagePullSecrets.length === 0) return [];
  return [
    [
      'Private registry',
      'Log in with a configuration of its own, so that the credentials are in the file and not in the keychain of the machine.',
      {
        shell: [
          ...namespaceCommand(stack),
          `docker --config ./registry-login login ${shellWord(stack.registry?.split('/')[0] ?? 'REGISTRY')}`,
          ...stack.imagePullSecrets.map(
            (secret) =>
              `kubectl create secret generic ${secret} --namespace ${namespace} --type kubernetes.io/dockerconfigjson --from-file .dockerconfigjson=./registry-login/config.json`,
          ),
          'rm -r ./registry-login',
        ],
      },
    ],
  ];
}

function namespaceCommand({ namespace }: Cluster['stack']): string[] {
  return namespace.create === false ? [] : ['kubectl apply -f namespace.yaml'];
}

function secrets(cluster: Cluster): Section[] {
  const all = secretsOf(cluster.stack);
  const own = all.filter(({ external }) => external === undefined);
  const external = all.filter((secret) => secret.external !== undefined);
  if (all.length === 0) return [];
  return [
    [
      'Secrets',
      ...(own.length > 0 ? ['Each value goes through a pipe, so that no process list and no file shows it. The same command changes it.'] : []),
      ...(own.length > 0 ? [{ shell: [...namespaceCommand(cluster.stack), ...own.map((secret) => createSecret(secret, cluster))] }] : []),
      ...(own.length > 0 ? [`A running app sees a changed file within two minutes; what it read at its start needs new pods: ${code(restart(cluster))}.`] : []),
      ...(external.length > 0 ? [`These must exist already: ${external.map((secret) => `${code(secret.external!)} with the key ${code(secret.node.id)}`).join(', ')}.`] : []),
    ],
  ];
}

function createSecret(secret: Secret, cluster: Cluster): string {
  const create = `kubectl create secret generic ${secretName(secret, cluster)} --namespace ${cluster.namespace} --from-file ${secret.node.id}=/dev/stdin --dry-run=client --output yaml`;
  // A plain apply would keep a copy of the value in an annotation.
  return `${secretValue(secret, cluster)} | ${create} | kubectl apply --server-side --force-conflicts -f -`;
}

function restart({ namespace, name }: Cluster): string {
  return `kubectl rollout restart deployment --namespace ${namespace} --selector ${INSTANCE}=${name}`;
}

function deploy(cluster: Cluster): Section {
  const { namespace, stack } = cluster;
  const waits = workloads(cluster).map((id) => `kubectl rollout status deployment/${objectName(id, cluster)} --namespace ${namespace}`);
  return [
    'Deploy and update',
    'New pods start beside the old ones, and an old one is stopped only when a new one is ready. A version that does not become ready leaves the old pods serving, and `rollout status` ends with 1.',
    { shell: ['kubectl diff -k .', 'kubectl apply -k .', ...waits] },
    ...(stack.apps.some((app) => mountsOf(app).some(({ volume }) => !volume.shared))
      ? ['The pods of an app with a volume that is not shared all run on one node, where they can see the same content: a drain of that node stops all of them before they start on another.']
      : []),
  ];
}

function workloads({ stack }: Cluster): string[] {
  return [...stack.apps.map(({ node }) => node.id), ...(hasNginx(stack) ? ['nginx'] : [])];
}

function look(cluster: Cluster): Section {
  const { namespace } = cluster;
  return [
    'Look',
    {
      shell: [
        `kubectl get pods,services${routeKinds(cluster)} --namespace ${namespace} --selector ${selector(cluster)} --output wide`,
        `kubectl logs --namespace ${namespace} deployment/${first(cluster)} --all-pods --prefix --follow --tail 100`,
        `kubectl get events --namespace ${namespace} --sort-by .lastTimestamp`,
      ],
    },
  ];
}

function routeKinds({ stack }: Cluster): string {
  if (!hasRoutes(stack)) return '';
  return stack.gateway ? ',httproutes' : ',ingresses';
}

function selector({ name }: Cluster): string {
  return `${INSTANCE}=${name}`;
}

function first(cluster: Cluster): string {
  return objectName(cluster.stack.apps[0]!.node.id, cluster);
}

function whenItFails(cluster: Cluster): Section {
  const { namespace } = cluster;
  const describe = code(`kubectl describe pod POD --namespace ${namespace}`);
  const previous = code(`kubectl logs POD --namespace ${namespace} --previous`);
  return [
    'When it fails',
    {
      rows: [
        ['what you see', 'what it is', 'look at'],
        ['`ErrImagePull`, `ImagePullBackOff`', 'the node cannot get the image: not pushed, a wrong name, or no credentials', `${describe}; \`imagePullSecrets\` in the stack`],
        ['`CrashLoopBackOff`, `Error`', 'the app ends by itself, mostly at its start', previous],
        ['`Pending`', 'no node has the memory or cores, or a volume is not there', `${describe}; ${code(`kubectl get pvc --namespace ${namespace}`)}`],
        ['`ContainerCreating` that stays', 'a Secret, a ConfigMap or a volume is missing', describe],
        ['`Running`, but `0/1` ready', 'the readiness path does not answer 200 to 399', `${describe}: the events show the status`],
        ['restarts, `Liveness probe failed`', 'the liveness path does not answer: the event loop is blocked', `${describe}; ${previous}`],
        ['`OOMKilled`, exit status 137', 'more memory than `memory`', describe],
        ['`Evicted`', 'the node is short of memory or disk, or the pod logs more than its limit', describe],
        ['exit status 78', 'a secret cannot be read', code(`kubectl get secrets --namespace ${namespace}`)],
        ['no pods at all', 'the Pod Security Standard or a quota refuses them', code(`kubectl describe replicasets --namespace ${namespace}`)],
        ...edgeFailures(cluster),
      ],
    },
  ];
}

function edgeFailures({ stack, namespace, name }: Cluster): string[][] {
  const logs = code(`kubectl logs --namespace ${namespace} deployment/${name}-nginx --all-pods`);
  return [
    ...(hasNginx(stack)
      ? [
          ['502 or 504 from nginx', 'no pod is ready, or a request took longer than `requestTimeout`', logs],
          ['421 from nginx', 'no app has this Host', '`hosts` in the stack'],
        ]
      : []),
    ...(hasNginx(stack) && !hasRoutes(stack)
      ? [['`EXTERNAL-IP` `<pending>`', 'nothing gives addresses to load balancers', code(`kubectl describe service ${name}-nginx --namespace ${namespace}`)]]
      : []),
    ...(hasRoutes(stack)
      ? [['404 or 503 from the edge', 'the controller does not know the route, or has no pod to send to', code(`kubectl describe ${stack.gateway ? 'httproutes' : 'ingresses'} --namespace ${namespace}`)]]
      : []),
  ];
}

function scale(cluster: Cluster): Section {
  return [
    'Scale',
    'Change `processes` in the stack, synthesize and apply. At once, until the next apply:',
    { shell: [`kubectl scale deployment/${first(cluster)} --namespace ${cluster.namespace} --replicas 6`] },
  ];
}

function rollBack(cluster: Cluster): Section {
  return [
    'Go back',
    'To the pods of the version before. The next apply brings what is in this folder, so go back there as well.',
    { shell: workloads(cluster).map((id) => `kubectl rollout undo deployment/${objectName(id, cluster)} --namespace ${cluster.namespace}`) },
  ];
}

function prune(cluster: Cluster): Section {
  const { namespace } = cluster;
  const used = `kubectl get replicasets --namespace ${namespace} --selector ${selector(cluster)} --output jsonpath='{range .items[*].spec.template.spec.volumes[*]}configmap/{.configMap.name}{"\\n"}{end}'`;
  return [
    'Prune',
    'ConfigMaps are named by their content. Those that neither a running version nor one to go back to uses can go. Objects of an app that the stack has no more stay as well, and are listed last.',
    {
      shell: [
        `${used} | sort -u >used.txt`,
        `kubectl get configmaps --namespace ${namespace} --selector ${selector(cluster)} --output name | grep -vxFf used.txt | xargs -r kubectl delete --namespace ${namespace}; rm used.txt`,
        `kubectl get deployments,services,serviceaccounts,networkpolicies,poddisruptionbudgets,persistentvolumeclaims${routeKinds(cluster)} --namespace ${namespace} --selector ${selector(cluster)}`,
      ],
    },
  ];
}

function remove({ stack, namespace }: Cluster): Section {
  const all = stack.namespace.create === false ? '' : ` and with the namespace ${code(namespace)} the Secrets and all else that is in it`;
  return [
    'Remove',
    `This deletes everything in this folder${all}${volumesOf(stack).length > 0 ? ', **the volumes and what they hold included**' : ''}.`,
    { shell: ['kubectl delete -k .'] },
  ];
}

function notNative({ stack }: Cluster): Section {
  const plain = hasRoutes(stack) && !hasNginx(stack);
  return [
    'What Kubernetes does not do',
    {
      list: [
        'It does not go back by itself from a version that fails: the old pods serve until somebody does.',
        'It restarts no pod for a changed Secret.',
        'NetworkPolicies hold only where the network of the cluster enforces them.',
        'Limits for processes and for the size of logs are settings of the kubelet, not of a pod.',
        ...(plain ? ['Limits for bodies, and what is answered to a foreign Host, are up to the controller.'] : []),
        ...(plain && !stack.gateway ? ['So are timeouts and the stripping of a prefix.'] : []),
        ...(hasNginx(stack) && hasRoutes(stack) && stack.trustedProxies.length === 0
          ? ['nginx takes the edge of the cluster for the client, since `trustedProxies` does not name its addresses.']
          : []),
      ],
    },
  ];
}
