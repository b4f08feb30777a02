import { stringify } from 'yaml';
import type { Release } from '../ledger.js';
import type { StackService, StackYaml } from './stack-yaml.js';

/** Name of the service that runs a command once. */
export const ONE_OFF = 'run';

/**
 * A stack of one job: the service of an app with another command, and everything that it needs as something that is there already.
 * No request may find it, so that it has no address, no alias and no label of the app.
 */
export function oneOffStack({ plan }: Release, stack: StackYaml, app: string, command: readonly string[]): string {
  const service = stack.services[app];
  if (!service) throw new Error(`the release has no service ${app}`);
  return stringify({
    services: { [ONE_OFF]: jobOf(service, command) },
    networks: external(Object.keys(service.networks ?? {}), (id) => stack.networks?.[id]?.name ?? `${plan.name}_${id}`),
    volumes: pick(
      stack.volumes,
      (service.volumes ?? []).flatMap(({ type, source }) => (type === 'volume' ? (source ?? []) : [])),
    ),
    configs: external(sources(service.configs), (id) => stack.configs?.[id]?.name ?? `${plan.name}_${id}`),
    secrets: pick(stack.secrets, sources(service.secrets)),
  });
}

function jobOf(service: StackService, command: readonly string[]): object {
  const { ports: _ports, labels: _labels, healthcheck: _healthcheck, deploy, networks, ...rest } = service;
  return {
    ...rest,
    // The engine replaces templates and the command `$`: what is meant is written twice.
    command: command.map((word) => word.replaceAll('$', '$$$$')),
    networks: Object.keys(networks ?? {}),
    healthcheck: { disable: true },
    deploy: {
      mode: 'replicated-job',
      restart_policy: { condition: 'none' },
      ...(deploy?.resources ? { resources: deploy.resources } : {}),
      ...(deploy?.placement ? { placement: deploy.placement } : {}),
    },
  };
}

function sources(references: readonly { readonly source: string }[] = []): string[] {
  return references.map(({ source }) => source);
}

function external(ids: readonly string[], nameOf: (id: string) => string): object {
  return Object.fromEntries(ids.map((id) => [id, { external: true, name: nameOf(id) }]));
}

function pick<T>(all: Readonly<Record<string, T>> | undefined, ids: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(all ?? {}).filter(([id]) => ids.includes(id)));
}
