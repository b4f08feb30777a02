import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type ComposeService } from '../../formats/compose.js';
import type { AcmeSource } from '../../model/acme.js';
import { ACME, ACME_MEMORY, ACME_PIDS, acmeContainer, acmeMounts, acmeTexts } from '../acme.js';
import { ownerLabels } from '../containers.js';
import { contentHash, thirdPartyImage, type Context } from '../context.js';

/** The one container that gets the certificate and renews it. nginx reads it in its volume. */
export function acmeService(acme: AcmeSource, context: Context): ComposeService {
  const { entrypoint, environment, configs, healthcheck } = acmeContainer(acme, context, {
    edge: 'nginx',
    gives: false,
  });
  return {
    image: thirdPartyImage('certbot', context),
    entrypoint,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    ...(environment === undefined ? {} : { environment }),
    configs,
    volumes: acmeMounts(0o1777),
    networks: { default: null },
    healthcheck,
    stop_signal: 'SIGTERM',
    stop_grace_period: '10s',
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory: dockerSize(ACME_MEMORY), pids: ACME_PIDS } } },
    logging: BOUNDED_LOGS,
    labels: {
      ...context.stack.labels,
      ...ownerLabels(context.name),
      'asgi-synth.config': contentHash(acmeTexts(acme, context).join('\0')),
    },
  };
}

/** The volume in which account and certificates are. */
export function acmeVolume({ name, stack }: Context): object {
  return { name: `${name}_${ACME}`, driver: 'local', labels: { ...stack.labels, 'asgi-synth.stack': name } };
}
