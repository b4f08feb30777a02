import type { NginxPin } from '../../formats/nginx/pins.js';
import { EDGE_PORT } from '../../targets/edge.js';
import type { Plan } from '../plan.js';
import { addressFrom, type Container } from './containers.js';

/** Seconds for which idle connections to a pinned container are kept: less than any app or nginx keeps them. */
const IDLE = 30;

/** What sends the requests for a service, an app or its static files, to some of its containers alone; nothing for any other. */
export function pinTo(
  { apps, statics = [] }: Plan,
  service: string,
  containers: readonly Container[],
  nginx: Container,
): NginxPin[] {
  const all = [...apps, ...statics.map(({ id }) => ({ id, port: EDGE_PORT }))];
  const one = all.find(({ id }) => id === service);
  if (!one) return [];
  const addresses = containers.flatMap((container) => {
    const address = addressFrom(nginx, container);
    return address === undefined ? [] : [`${address}:${container.port ?? one.port}`];
  });
  return addresses.length === 0 ? [] : [{ name: one.id, addresses, server: `${one.id}:${one.port}`, idle: IDLE }];
}
