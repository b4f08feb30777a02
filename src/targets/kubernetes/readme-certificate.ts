import { code, type MarkdownPart, type MarkdownSection } from '../../formats/markdown.js';
import type { Secret } from '../../model/secret.js';
import { tlsSecrets } from '../../model/tls.js';
import { fromOutput, shellWord } from '../context.js';
import { secretValue } from '../readme.js';
import { hstsNote } from '../readme-tls.js';
import { CERTIFICATE_KEYS, certificateName, endsTls, hasIngressTls, usesOwnCertificate } from './certificate.js';
import { hasRoutes, type Cluster } from './cluster.js';
import { objectName } from './workload.js';

/** Folder in which values are for the moment that kubectl needs to read them. */
const FILES = 'tls-files';

/** Commands that make the Secret of an own certificate, and change it. kubectl takes both as files alone. */
export function createCertificate(cluster: Cluster): string[] {
  const [certificate, key] = usesOwnCertificate(cluster.stack) ? tlsSecrets(cluster.stack) : [];
  if (!certificate || !key || (certificate.external ?? key.external) !== undefined) return [];
  const files = [
    { secret: certificate, name: CERTIFICATE_KEYS.certificate },
    { secret: key, name: CERTIFICATE_KEYS.key },
  ];
  const written = files.filter(({ secret }) => secret.file === undefined);
  const write = written.map(({ secret, name }) => `${secretValue(secret, cluster)} > ${FILES}/${name}`);
  const [cert = '', keyFile = ''] = files.map(({ secret, name }) => pathOf(secret, name, cluster));
  const create = `kubectl create secret tls ${certificateName(cluster.stack, cluster)} --namespace ${cluster.namespace} --cert ${cert} --key ${keyFile} --dry-run=client --output yaml`;
  return [
    ...(write.length === 0 ? [] : [`(umask 077 && mkdir ${[FILES, ...write].join(' && ')})`]),
    // A plain apply would keep a copy of the key in an annotation.
    `${create} | kubectl apply --server-side --force-conflicts -f -`,
    ...(write.length === 0 ? [] : [`rm -r ${FILES}`]),
  ];
}

function pathOf({ file }: Secret, name: string, cluster: Cluster): string {
  return file === undefined ? `${FILES}/${name}` : shellWord(fromOutput(file, cluster));
}

/** Prints until when the certificate holds that is stored, for whom, and by whom it was issued. */
export function storedCertificate(cluster: Cluster): string {
  const { stack, namespace } = cluster;
  return `kubectl get secret ${certificateName(stack, cluster)} --namespace ${namespace} --output jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -enddate -subject -issuer`;
}

/** How the certificate is renewed, and how to see when it ends. */
export function certificate(cluster: Cluster): MarkdownSection[] {
  const { stack } = cluster;
  if (stack.tls === undefined) return [];
  if (!endsTls(stack) && !hasIngressTls(stack)) return atGateway(cluster);
  return [
    [
      'Certificate',
      ...renewal(cluster),
      'When it ends:',
      { shell: [storedCertificate(cluster)] },
      ...(endsTls(stack) ? hstsNote(stack) : []),
    ],
  ];
}

function atGateway({ stack }: Cluster): MarkdownSection[] {
  if (!hasRoutes(stack) || stack.gateway === undefined) return [];
  const { name, listener = 'https' } = stack.gateway;
  return [
    [
      'Certificate',
      `It belongs to the listener ${code(listener)} of the Gateway ${code(name)}, the only one that the routes attach to: whoever runs the Gateway renews it, and sends those that come over HTTP to HTTPS.`,
    ],
  ];
}

function renewal(cluster: Cluster): MarkdownPart[] {
  const { stack, namespace } = cluster;
  const secret = certificateName(stack, cluster);
  if (stack.tls?.source.kind === 'issued')
    return [
      `cert-manager gets it from the ${stack.tls.source.by === 'issuer' ? 'Issuer' : 'ClusterIssuer'} ${code(stack.tls.source.name)}, keeps it in the Secret ${code(secret)} and renews it by itself. Where it does not:`,
      {
        shell: [
          `kubectl describe certificate ${secret} --namespace ${namespace}`,
          `kubectl get certificaterequests,orders,challenges --namespace ${namespace}`,
        ],
      },
    ];
  const made =
    createCertificate(cluster).length > 0
      ? `To renew it, run the commands under "Secrets" for the Secret ${code(secret)} again.`
      : `It is in the Secret ${code(secret)} of type ${code('kubernetes.io/tls')}, which must exist already; whoever made it renews it.`;
  if (!endsTls(stack)) return [`${made} The controller of the Ingress takes the new one by itself.`];
  const nginx = `deployment/${objectName('nginx', cluster)} --namespace ${namespace}`;
  return [
    `${made} nginx reads it when it starts: new pods come before the old ones go${createCertificate(cluster).length > 0 ? ', as `synth deploy` has it as well' : ''}.`,
    { shell: [`kubectl rollout restart ${nginx}`, `kubectl rollout status ${nginx}`] },
  ];
}
