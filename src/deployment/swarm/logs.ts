import type { LogsOptions } from '../deployer.js';
import type { Release } from '../ledger.js';
import { NAMESPACE, type Manager } from './manager.js';

/** Prints the logs of one service, or of all beside each other. Returns the exit code. */
export async function logs(
  manager: Manager,
  { plan }: Release,
  { app, follow, tail, signal }: LogsOptions,
): Promise<number> {
  const services =
    app === undefined ? await manager.names('service', `${NAMESPACE}=${plan.name}`) : [`${plan.name}_${app}`];
  const args = ['service', 'logs', '--tail', String(tail), ...(follow ? ['--follow'] : [])];
  const codes = await Promise.all(
    services.map((service) => manager.docker.interactive([...args, service], signal ? { signal } : {})),
  );
  return signal?.aborted ? 0 : Math.max(0, ...codes);
}
