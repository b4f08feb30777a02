import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type ComposeMount,
  type ComposeService,
  type Dependencies,
} from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import type { Database } from '../../model/database.js';
import { storesOf } from '../../model/tree.js';
import { databaseLabels } from '../containers.js';
import type { Context } from '../context.js';
import { DATABASE_STOP_GRACE, databaseContainer, databaseHealthcheck } from '../databases.js';

/** The databases of the stack that an app waits for. */
export function databasesBefore(app: AsgiApp): Dependencies {
  const own = storesOf(app).filter(({ host }) => host === undefined);
  return Object.fromEntries(own.map(({ node }) => [node.id, { condition: 'service_healthy' as const }]));
}

/** One container with one database. No app waits for it in vain: Compose starts it first. */
export function databaseService(database: Database, context: Context): ComposeService {
  const { node, password, volume, cpu, memory } = database;
  const container = databaseContainer(database, context);
  const { image, entrypoint, command, user, data, temporary, stopSignal, pids } = container;
  return {
    image,
    entrypoint,
    command,
    ...LEAST_PRIVILEGE,
    user: `${user}:${user}`,
    security_opt: ['no-new-privileges:true'],
    cpu_shares: Math.min(262144, Math.max(2, Math.round(1024 * cpu))),
    environment: container.environment,
    secrets: [{ source: password.node.id, target: password.node.id }],
    volumes: [
      ...Object.entries(temporary).map(([target, size]): ComposeMount => ({
        type: 'tmpfs',
        target,
        tmpfs: { size, mode: 0o1777 },
      })),
      { type: 'volume', source: volume.node.id, target: data },
    ],
    networks: { default: null },
    healthcheck: databaseHealthcheck(container),
    stop_signal: stopSignal,
    stop_grace_period: `${DATABASE_STOP_GRACE}s`,
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory: dockerSize(memory), pids } } },
    logging: BOUNDED_LOGS,
    labels: { ...context.stack.labels, ...databaseLabels(context.name, node.id) },
  };
}
