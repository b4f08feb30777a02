import type { Volume as PodVolume } from 'kubernetes-types/core/v1.js';
import type { IngressSpec } from 'kubernetes-types/networking/v1.js';
import type { Stack } from '../../model/stack.js';
import { tlsSecrets } from '../../model/tls.js';
import type { EdgeCertificate } from '../edge.js';
import { hasNginx, hasRoutes, type Cluster } from './cluster.js';
import { objectName } from './workload.js';

/** Keys of a Secret of type kubernetes.io/tls. */
export const CERTIFICATE_KEYS = { certificate: 'tls.crt', key: 'tls.key' } as const satisfies EdgeCertificate;

/** Whether an nginx of ours ends TLS: it is what clients connect to, and there is a Secret that it can mount. */
export function endsTls(stack: Stack): boolean {
  const { tls } = stack;
  return hasNginx(stack) && !hasRoutes(stack) && (tls?.source.kind === 'own' || tls?.source.kind === 'stored');
}

/** Whether `tls` has the stack get its certificate itself, which nothing of it does in a cluster. */
export function asksItself({ tls }: Stack): boolean {
  return tls?.source.kind === 'acme';
}

/** Whether an Ingress ends TLS. */
export function hasIngressTls(stack: Stack): boolean {
  return stack.tls !== undefined && !asksItself(stack) && hasRoutes(stack) && stack.gateway === undefined;
}

/** Whether the operator gives a certificate and key that something here serves. */
export function usesOwnCertificate(stack: Stack): boolean {
  return tlsSecrets(stack).length > 0 && (endsTls(stack) || hasIngressTls(stack));
}

/** Name of the Secret that holds the certificate and its key. */
export function certificateName({ tls }: Stack, cluster: Pick<Cluster, 'name'>): string {
  return tls?.source.kind === 'stored' ? tls.source.secretName : objectName('tls', cluster);
}

/** The certificate and its key as files, readable by the group of the pod alone. */
export function certificateVolume(cluster: Cluster): PodVolume {
  const items = Object.values(CERTIFICATE_KEYS).map((key) => ({ key, path: key }));
  const secretName = certificateName(cluster.stack, cluster);
  return { name: 'certificate', secret: { secretName, defaultMode: 0o440, items } };
}

/** What makes an Ingress serve HTTPS. */
export interface IngressTls {
  readonly annotations: Readonly<Record<string, string>>;
  readonly tls: NonNullable<IngressSpec['tls']>;
}

/**
 * One certificate for all Ingresses of a stack. cert-manager gets it for the hosts of the first one, which therefore names all: of two
 * that ask for the same Secret with other hosts, each would have it made anew.
 */
export function ingressTls(
  { hosts, isFirst }: { readonly hosts: readonly string[]; readonly isFirst: boolean },
  cluster: Cluster,
): IngressTls | undefined {
  const { stack } = cluster;
  if (stack.tls === undefined || !hasIngressTls(stack)) return undefined;
  const { source } = stack.tls;
  const asks = source.kind === 'issued' && isFirst;
  const named = asks ? [...new Set([...hosts, ...stack.apps.flatMap((app) => app.hosts)])] : [...hosts];
  const annotation = source.kind === 'issued' && source.by === 'issuer' ? 'issuer' : 'cluster-issuer';
  return {
    annotations: asks ? { [`cert-manager.io/${annotation}`]: source.name } : {},
    tls: [{ ...(named.length === 0 ? {} : { hosts: named }), secretName: certificateName(stack, cluster) }],
  };
}
