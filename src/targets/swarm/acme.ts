import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type ComposeService } from '../../formats/compose.js';
import type { AcmeSource } from '../../model/acme.js';
import { ACME, ACME_MEMORY, ACME_PIDS, acmeContainer, acmeMounts, EDGE_VOLUME } from '../acme.js';
import { ownerLabels } from '../containers.js';
import { thirdPartyImage, type Context } from '../context.js';
import { secretFiles, volumeConstraint } from './parts.js';

/** The one task that gets the certificate and renews it, on the node that has its volume. Every nginx fetches it from there. */
export function acmeService(acme: AcmeSource, context: Context): ComposeService {
  const labels = { ...context.stack.labels, ...ownerLabels(context.name) };
  const container = acmeContainer(acme, context, { edge: 'tasks.nginx', gives: true });
  // Of two that ask at once, each would have the authority count against the other.
  const update = { parallelism: 1, order: 'stop-first', monitor: '30s', max_failure_ratio: 0 } as const;
  return {
    image: thirdPartyImage('certbot', context),
    ...LEAST_PRIVILEGE,
    ...container,
    secrets: secretFiles([acme.token]),
    volumes: acmeMounts(),
    networks: { default: null },
    stop_signal: 'SIGTERM',
    stop_grace_period: '10s',
    deploy: {
      mode: 'replicated',
      replicas: 1,
      endpoint_mode: 'dnsrr',
      labels,
      resources: { limits: { memory: dockerSize(ACME_MEMORY), pids: ACME_PIDS } },
      restart_policy: { condition: 'any', delay: '5s' },
      update_config: { ...update, failure_action: 'rollback' },
      rollback_config: { ...update, failure_action: 'pause' },
      placement: { constraints: [volumeConstraint({ node: { id: ACME } }, context)] },
    },
    logging: BOUNDED_LOGS,
    labels,
  };
}

/** Account and certificates on one node, and on each the last certificate that its nginx had, which the token alone opens. */
export function acmeVolumes({ name, stack }: Context): Record<string, object> {
  return Object.fromEntries(
    [ACME, EDGE_VOLUME].map((id) => [
      id,
      { name: `${name}_${id}`, driver: 'local', labels: { ...stack.labels, 'asgi-synth.stack': name } },
    ]),
  );
}
