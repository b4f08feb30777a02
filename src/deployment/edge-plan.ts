import type { HttpPort, Stack } from '../model/stack.js';
import { tlsSecrets } from '../model/tls.js';
import { thirdPartyImage, type Context } from '../targets/context.js';
import { dockerAcme, hasOwnEdge, takesHttps } from '../targets/edge.js';
import type { TargetName } from '../targets/index.js';
import { certificateName, endsTls } from '../targets/kubernetes/certificate.js';
import { hasNginx } from '../targets/kubernetes/cluster.js';
import { makesCertificate } from './needed-secrets.js';

/** An nginx of ours, and where it takes requests. */
export interface EdgePlan {
  readonly image: string;
  readonly port: number;
  readonly address?: string;
  /** Where it takes them over HTTPS. @default - nowhere */
  readonly https?: { readonly port: number; readonly address?: string };
  /** Whether its certificate comes while it runs. @default - it has one from the start, or none */
  readonly acme?: true;
  /** Hosts that it sends to others. @default - none */
  readonly redirected?: readonly string[];
}

/** Which secrets hold a certificate and its key. */
export interface CertificatePlan {
  readonly certificate: string;
  readonly key: string;
  /** Kubernetes: the one Secret that holds both. */
  readonly secret?: string;
}

/** The nginx of a stack; none where somebody else takes its requests. */
export function edgePlan(stack: Stack, target: TargetName, context: Context): { edge?: EdgePlan } {
  if (!(target === 'kubernetes' ? hasNginx(stack) : hasOwnEdge(stack))) return {};
  const https = servesHttps(stack, target) ? { https: portPlan(stack.httpsPort) } : {};
  const hosts = Object.keys(stack.redirects);
  const redirected = hosts.length === 0 ? {} : { redirected: hosts };
  const acme = target !== 'kubernetes' && dockerAcme(stack) ? ({ acme: true } as const) : {};
  const image = thirdPartyImage('nginx', context);
  return { edge: { image, ...portPlan(stack.httpPort), ...https, ...acme, ...redirected } };
}

function portPlan({ address, port }: HttpPort): { port: number; address?: string } {
  return { port, ...(address === undefined ? {} : { address }) };
}

function servesHttps(stack: Stack, target: TargetName): boolean {
  return target === 'kubernetes' ? endsTls(stack) : takesHttps(stack);
}

/** The secrets of an own certificate; none where nothing here serves with it. */
export function certificatePlan(stack: Stack, target: TargetName, context: Context): CertificatePlan | undefined {
  const [certificate, key] = tlsSecrets(stack);
  if (!certificate || !key || !makesCertificate(stack, target)) return undefined;
  const ids = { certificate: certificate.node.id, key: key.node.id };
  return target === 'kubernetes' ? { ...ids, secret: certificateName(stack, context) } : ids;
}
