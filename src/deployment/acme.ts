import { ACME_STATUS, EDGE_PAIR } from '../targets/acme.js';
import type { Plan } from './plan.js';
import type { Report } from './report.js';
import { until } from './wait.js';

/** Seconds for a certificate that nothing stands in the way of. */
const PATIENCE = 30;

/** Runs a command in the container of an nginx, and says how it ended. */
type InEdge = (words: readonly string[]) => Promise<{ readonly exitCode: number; readonly stdout: string }>;

/**
 * Tells whether nginx has the certificate that comes while it runs, and why not. Never a failure: HTTP is served, and an authority that
 * refuses has its reasons, which a version before would not change.
 */
export async function tellCertificate(
  { edge }: Pick<Plan, 'edge'>,
  inEdge: InEdge,
  { report, signal, patience = PATIENCE }: { report: Report; signal: AbortSignal; patience?: number },
): Promise<void> {
  if (!edge?.acme) return;
  const end = performance.now() + patience * 1000;
  const look = async () => {
    if ((await inEdge(['test', '-f', EDGE_PAIR])).exitCode === 0) return 'nginx: serves HTTPS with a certificate';
    const { stdout, exitCode } = await inEdge(['curl', '--silent', '--fail', '--max-time', '5', ACME_STATUS]);
    const status = exitCode === 0 ? stdout.trim() : 'cannot be asked';
    if (performance.now() < end && !/gets none/.test(status)) return undefined;
    return `nginx: HTTPS waits for a certificate; acme: ${status}`;
  };
  try {
    report.step(await until(look, { signal }));
  } catch {
    // Whoever interrupts the wait has the new version all the same.
    report.step('nginx: whether there is a certificate was not waited for');
  }
}
