import type { Stack } from '../model/stack.js';
import { tlsSecrets, type CertificateSource } from '../model/tls.js';
import { dockerCertificate, hasOwnEdge } from './edge.js';
import type { ProblemId } from './problems.js';
import type { Problem } from './target.js';

/** What neither of the two Docker targets can honour of HTTPS. */
export function dockerTlsProblems(stack: Stack, place: string): Problem[] {
  return [
    ...(hasOwnEdge(stack) ? foreignCertificate(stack, place) : withoutTlsEdge(stack)),
    ...(dockerCertificate(stack) === undefined ? httpsPortInVain(stack) : []),
  ];
}

function foreignCertificate(stack: Stack, place: string): Problem[] {
  const source = stack.tls?.source;
  if (source === undefined || source.kind === 'own') return [];
  const message = `tls names ${sourceName(source)}, which ${place} does not have; give { certificate, key } there, or accept that it serves HTTP alone`;
  return [tlsProblem('tls-certificate', stack, message)];
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

export function sourceName(source: Exclude<CertificateSource, { kind: 'own' }>): string {
  if (source.kind === 'stored') return `the Secret ${source.secretName} of a cluster`;
  return `the ${source.by === 'issuer' ? 'Issuer' : 'ClusterIssuer'} ${source.name} of a cluster`;
}
