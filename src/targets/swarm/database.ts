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
import { DATABASE_STOP_GRACE, databaseContainer, databaseHealthcheck } from '../databases.js';
import { secretFiles, selectorConstraints, volumeConstraint } from './parts.js';

/** One task with one database, on the node that has its volume. */
export function databaseService(database: Database, context: Context): ComposeService {
  const { node, password, volume, cpu, memory } = database;
  const container = databaseContainer(database, context);
  const { image, entrypoint, command, user, data, temporary, stopSignal, pids } = container;
  const labels = { ...context.stack.labels, ...databaseLabels(context.name, node.id) };
  // Two servers on one volume would destroy it, so the old one is gone before the new one starts.
  const update = { parallelism: 1, order: 'stop-first', monitor: '30s', max_failure_ratio: 0 } as const;
  return {
    image,
    entrypoint,
    command,
    ...LEAST_PRIVILEGE,
    user: `${user}:${user}`,
    environment: container.environment,
    secrets: secretFiles([password], user),
    volumes: [
      ...Object.entries(temporary).map(([target, size]): ComposeMount => ({ type: 'tmpfs', target, tmpfs: { size } })),
      { type: 'volume', source: volume.node.id, target: data },
    ],
    networks: { default: null },
    healthcheck: databaseHealthcheck(container),
    stop_signal: stopSignal,
    stop_grace_period: `${DATABASE_STOP_GRACE}s`,
    deploy: {
      mode: 'replicated',
      replicas: 1,
      // The virtual address would drop a connection that is idle for 15 minutes (moby#31208).
      endpoint_mode: 'dnsrr',
      labels,
      resources: {
        limits: { cpus: String(cpu), memory: dockerSize(memory), pids },
      },
      restart_policy: { condition: 'any', delay: '2s' },
      update_config: { ...update, failure_action: 'rollback' },
      rollback_config: { ...update, failure_action: 'pause' },
      placement: { constraints: [volumeConstraint(volume, context), ...selectorConstraints(database)] },
    },
    logging: BOUNDED_LOGS,
    labels,
  };
}
