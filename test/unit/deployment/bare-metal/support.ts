import {
  containerOf,
  type Container,
  type Inspected,
  type InspectedState,
} from '../../../../src/deployment/bare-metal/containers.js';
import type { AppPlan, Plan } from '../../../../src/deployment/plan.js';
import type { Release } from '../../../../src/deployment/ledger.js';
import type { Service } from '../../../../src/deployment/bare-metal/services.js';

let count = 0;

interface Given {
  readonly service?: string;
  readonly hash?: string;
  readonly created?: number;
  readonly state?: Partial<InspectedState>;
  readonly health?: string;
  readonly check?: string;
  readonly restarts?: number;
  readonly address?: string;
  readonly binds?: Readonly<Record<string, string>>;
  readonly imageId?: string;
}

/** What an engine tells of a container, healthy where nothing else is said. */
export function inspected(given: Given = {}): Inspected {
  const { service = 'api', hash = 'right', created = 1000, health = 'healthy', address = '172.18.0.2' } = given;
  const id = `${service}${++count}`;
  return {
    Id: id,
    Name: `/shop-${service}-${count}`,
    Created: new Date(created).toISOString(),
    Image: given.imageId ?? 'sha256:1',
    RestartCount: given.restarts ?? 0,
    State: {
      ...{ Status: 'running', StartedAt: new Date(created).toISOString(), ExitCode: 0, OOMKilled: false, Error: '' },
      Health: { Status: health, Log: [{ ExitCode: 1, Output: given.check ?? '' }] },
      ...given.state,
    },
    Config: {
      Image: `${service}:1`,
      Labels: { 'com.docker.compose.service': service, 'com.docker.compose.config-hash': hash },
      StopTimeout: 41,
      Healthcheck: { Test: ['CMD', 'python3', 'health.py', '--port', '8000'] },
    },
    Mounts: Object.entries(given.binds ?? {}).map(([Destination, Source]) => ({ Type: 'bind', Source, Destination })),
    NetworkSettings: { Networks: { shop_default: { IPAddress: address } } },
  };
}

export function container(given: Given = {}): Container {
  return containerOf(inspected(given));
}

export function service(name = 'api', given: Partial<Service> = {}): Service {
  return { name, kind: 'app', image: `${name}:1`, published: false, replicas: 1, ...given };
}

export function appPlan(id = 'api', given: Partial<AppPlan> = {}): AppPlan {
  return {
    ...{ id, image: `shop-${id}:1`, built: true, processes: 2, port: 8000, startup: 10, stopGrace: 41 },
    ...{ host: 'localhost', path: '/', hasReadiness: false, secrets: [], volumes: [] },
    ...given,
  };
}

export function plan(given: Partial<Plan> = {}): Plan {
  return {
    ...{ name: 'shop', stack: 'shop', target: 'bare-metal', apps: [appPlan()], secrets: [], volumes: [] },
    edge: { image: 'nginx:1', port: 80 },
    ...given,
  };
}

export function release(number: number, given: Partial<Release> = {}): Release {
  return { number, at: '2026-01-01T00:00:00.000Z', by: 'me@here', plan: plan(), files: [], secrets: {}, ...given };
}
