import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type ComposeMount,
  type ComposeService,
} from '../../formats/compose.js';
import type { Database } from '../../model/database.js';
import { databaseLabels } from '../containers.js';
import type { Context } from '../context.js';
import { DATABASE_HEALTH, DATABASE_STARTUP, DATABASE_STOP_GRACE, databaseContainer } from '../databases.js';

/** One container with one database. No app waits for it in vain: Compose starts it first. */
export function databaseService(database: Database, context: Context): ComposeService {
  const { node, password, volume, cpu, memory } = database;
  const container = databaseContainer(database, context);
  const { image, entrypoint, command, user, data, temporary, health, stopSignal, pids } = container;
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
    healthcheck: {
      test: ['CMD', ...health],
      interval: `${DATABASE_HEALTH.interval}s`,
      timeout: `${DATABASE_HEALTH.timeout}s`,
      retries: DATABASE_HEALTH.retries,
      start_period: `${DATABASE_STARTUP}s`,
    },
    stop_signal: stopSignal,
    stop_grace_period: `${DATABASE_STOP_GRACE}s`,
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory: dockerSize(memory), pids } } },
    logging: BOUNDED_LOGS,
    labels: { ...context.stack.labels, ...databaseLabels(context.name, node.id) },
  };
}
