import { acmeSecrets } from '../model/acme.js';
import type { Secret } from '../model/secret.js';
import type { Stack } from '../model/stack.js';
import { tlsSecrets } from '../model/tls.js';
import { appSecretsOf, secretsOf } from '../model/tree.js';
import { dockerCertificate, hasOwnEdge } from '../targets/edge.js';
import type { TargetName } from '../targets/index.js';
import { usesOwnCertificate } from '../targets/kubernetes/certificate.js';

/** The secrets whose values a stack needs on a target. */
export function neededSecrets(stack: Stack, target: TargetName): Secret[] {
  // On one host nobody needs it: certificate and key go nowhere.
  const token = target === 'swarm' && hasOwnEdge(stack) ? acmeSecrets(stack) : [];
  return [...(makesCertificate(stack, target) ? secretsOf(stack) : appSecretsOf(stack)), ...token];
}

/** Whether an own certificate is served, and has to be made of its secrets. */
export function makesCertificate(stack: Stack, target: TargetName): boolean {
  if (target !== 'kubernetes') return dockerCertificate(stack) !== undefined;
  // One that is said to be there is nothing to make.
  return usesOwnCertificate(stack) && tlsSecrets(stack).every(({ external }) => external === undefined);
}
