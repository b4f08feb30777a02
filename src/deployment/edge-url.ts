import { EDGE_PORT, EDGE_TLS_PORT } from '../targets/edge.js';
import type { Plan } from './plan.js';

/**
 * Words with which curl asks nginx in its own container: over HTTPS where it speaks that, since over HTTP it may only lead there. By an
 * address that no certificate names; what clients are shown is for them to judge.
 *
 * Where a certificate comes while nginx runs there may be none yet: it believes what it is told from inside its container, that a client
 * used HTTPS.
 */
export function edgeWords({ edge }: Pick<Plan, 'edge'>, path: string): string[] {
  if (edge?.acme) return ['--header', 'X-Forwarded-Proto: https', `http://127.0.0.1:${EDGE_PORT}${path}`];
  if (edge?.https === undefined) return [`http://127.0.0.1:${EDGE_PORT}${path}`];
  return ['--insecure', '--http1.1', `https://127.0.0.1:${EDGE_TLS_PORT}${path}`];
}
