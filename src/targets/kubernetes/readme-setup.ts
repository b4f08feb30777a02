import { code, type MarkdownSection } from '../../formats/markdown.js';
import type { Secret } from '../../model/secret.js';
import { appSecretsOf } from '../../model/tree.js';
import { imageBuilds } from '../builds.js';
import { shellWord } from '../context.js';
import { buildCommands, secretValue } from '../readme.js';
import { passwordNote } from '../readme-databases.js';
import type { Cluster } from './cluster.js';
import { createCertificate } from './readme-certificate.js';
import { secretName } from './secrets.js';
import { INSTANCE } from './workload.js';

/** How the images get to the nodes. */
export function build(cluster: Cluster): MarkdownSection[] {
  if (imageBuilds(cluster).length === 0) return [];
  const where =
    cluster.stack.registry === undefined
      ? 'The stack names no `registry`, so the images stay on the machine that builds them. That is enough for a cluster on that machine: bring them to its nodes with `kind load docker-image`, `minikube image load` or `k3d image import`.'
      : 'The nodes pull the images from the registry.';
  return [['Build', where, { shell: buildCommands(cluster) }]];
}

/** How the nodes get credentials for a registry. */
export function credentials({ stack, namespace }: Cluster): MarkdownSection[] {
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

/** How the values of secrets get into the cluster. */
export function secrets(cluster: Cluster): MarkdownSection[] {
  const all = appSecretsOf(cluster.stack);
  const certificate = createCertificate(cluster);
  const own = all.filter(({ external }) => external === undefined);
  const external = all.filter((secret) => secret.external !== undefined);
  if (all.length + certificate.length === 0) return [];
  return [
    [
      'Secrets',
      ...(own.length > 0
        ? ['Each value goes through a pipe, so that no process list and no file shows it. The same command changes it.']
        : []),
      ...(own.length > 0
        ? [{ shell: [...namespaceCommand(cluster.stack), ...own.map((secret) => createSecret(secret, cluster))] }]
        : []),
      ...(certificate.length > 0
        ? [
            'The certificate and its key are one Secret.',
            { shell: [...(own.length > 0 ? [] : namespaceCommand(cluster.stack)), ...certificate] },
          ]
        : []),
      ...(own.length > 0
        ? [
            `A running app sees a changed file within two minutes; what it read at its start needs new pods: ${code(restart(cluster))}.${passwordNote(cluster.stack)}`,
          ]
        : []),
      ...(external.length > 0
        ? [
            `These must exist already: ${external.map((secret) => `${code(secret.external!)} with the key ${code(secret.node.id)}`).join(', ')}.`,
          ]
        : []),
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

function namespaceCommand({ namespace }: Cluster['stack']): string[] {
  return namespace.create === false ? [] : ['kubectl apply -f namespace.yaml'];
}
