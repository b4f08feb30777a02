import type { Stack } from '../model/stack.js';
import { tlsSecrets, type CertificateSource } from '../model/tls.js';
import { dockerAcme, hasOwnEdge, takesHttps } from './edge.js';
import type { ProblemId } from './problems.js';
import type { Problem } from './target.js';

/** What neither of the two Docker targets can honour of HTTPS. */
export function dockerTlsProblems(stack: Stack, place: string): Problem[] {
  return [
    ...(hasOwnEdge(stack) ? foreignCertificate(stack, place) : withoutTlsEdge(stack)),
    ...(takesHttps(stack) ? [] : httpsPortInVain(stack)),
    ...unreachedChallenges(stack),
  ];
}

function foreignCertificate(stack: Stack, place: string): Problem[] {
  const source = stack.tls?.source;
  if (source === undefined || source.kind === 'own' || source.kind === 'acme') return [];
  const message = `tls names ${sourceName(source)}, which ${place} does not have; give { acme } or { certificate, key } there, or accept that it serves HTTP alone`;
  return [tlsProblem('tls-certificate', stack, message)];
}

/** Who issues asks on port 80 and no other (RFC 8555, 8.3). What a balancer or a router in front does is theirs to know who have it. */
function unreachedChallenges(stack: Stack): Problem[] {
  const { port, address } = stack.httpPort;
  const isOpen = port === 80 && !/^(127\.|\[::1\])/.test(address ?? '');
  if (dockerAcme(stack) === undefined || isOpen || stack.trustedProxies.length > 0) return [];
  const taken = address === undefined ? `${port}` : `${port} of ${address} alone`;
  const message = `tls.acme has each host asked on port 80, but httpPort is ${taken}; use port 80, name the balancer in front with trustedProxies, or accept this where something else leads port 80 of the hosts there`;
  return [{ id: 'acme-http-port', construct: stack, prop: stack.given.has('httpPort') ? 'httpPort' : 'tls', message }];
}

/** Where no edge is ours, nobody here could use a certificate. */
export function withoutTlsEdge(stack: Stack): Problem[] {
  if (stack.tls === undefined) return [];
  const message =
    'tls is what an edge does, and this stack has none of its own; take out edge, or let yours serve HTTPS and accept this';
  return [tlsProblem('tls-without-edge', stack, message)];
}

/** A port that was asked for and that nothing listens on. */
export function httpsPortInVain(stack: Stack): Problem[] {
  if (stack.tls === undefined || !stack.given.has('httpsPort')) return [];
  const message = `httpsPort asks for port ${stack.httpsPort.port}, but nothing of this stack takes HTTPS there; take httpsPort out`;
  return [{ id: 'http-port', construct: stack, prop: 'httpsPort', message }];
}

/** An own certificate that is said to be in a cluster already is in two Secrets, where everything else wants one. */
export function externalCertificate(stack: Stack): Problem[] {
  const [external] = tlsSecrets(stack).filter((secret) => secret.external !== undefined);
  if (external === undefined) return [];
  const message = `tls has the secret ${external.node.id}, which is external, but in a cluster a certificate and its key are one Secret of type kubernetes.io/tls; name that with tls: { secretName }`;
  return [tlsProblem('tls-certificate', stack, message)];
}

export function tlsProblem(id: ProblemId, stack: Stack, message: string): Problem {
  return { id, construct: stack, prop: 'tls', message };
}

export function sourceName(source: Extract<CertificateSource, { kind: 'stored' | 'issued' }>): string {
  if (source.kind === 'stored') return `the Secret ${source.secretName} of a cluster`;
  return `the ${source.by === 'issuer' ? 'Issuer' : 'ClusterIssuer'} ${source.name} of a cluster`;
}
