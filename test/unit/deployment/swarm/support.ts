import type { Service, Snapshot, SwarmNode, Task, TaskState } from '../../../../src/deployment/swarm/answers.js';
import type { Plan } from '../../../../src/deployment/plan.js';

export const node: SwarmNode = {
  ID: 'n1',
  Spec: { Availability: 'active', Labels: {} },
  Description: { Hostname: 'shop1' },
  Status: { State: 'ready' },
};

export const down: SwarmNode = {
  ...node,
  ID: 'n2',
  Description: { Hostname: 'shop2' },
  Status: { State: 'down' },
};

const template = (image: string) => ({ ContainerSpec: { Image: image } });

/** A service of two tasks that runs version 2, unless said otherwise. */
export function service(
  change: Partial<Service> & { replicas?: number; image?: string; global?: boolean } = {},
): Service {
  const { replicas = 2, image = 'api:2', global = false, ...rest } = change;
  return {
    ID: 's1',
    CreatedAt: '2026-01-01T00:00:00Z',
    Spec: {
      Name: 'shop_api',
      // The engine tells the defaults of a service.
      TaskTemplate: { ...template(image), RestartPolicy: { Condition: 'any' }, Runtime: 'container', ForceUpdate: 0 },
      Mode: global ? { Global: {} } : { Replicated: { Replicas: replicas } },
    },
    ...rest,
  };
}

let count = 0;

export interface TaskChange {
  readonly id?: string;
  readonly slot?: number;
  readonly image?: string;
  readonly state?: TaskState;
  readonly desired?: TaskState;
  readonly error?: string;
  readonly exitCode?: number;
  readonly node?: string;
}

/** A task of version 2 that runs, unless said otherwise. */
export function task(change: TaskChange = {}): Task {
  const { id = `t${++count}`, slot = 1, image = 'api:2', state = 'running', desired = 'running' } = change;
  const { error, exitCode, node: on = 'n1' } = change;
  return {
    ID: id,
    CreatedAt: new Date(Date.UTC(2026, 0, 1) + count * 1000).toISOString(),
    ServiceID: 's1',
    Slot: slot,
    NodeID: on,
    Spec: { ...template(image), ForceUpdate: 0 },
    DesiredState: desired,
    Status: {
      Timestamp: '2026-01-01T00:01:00Z',
      State: state,
      ...(error === undefined ? {} : { Err: error }),
      ContainerStatus: { ContainerID: 'c1', ...(exitCode === undefined ? {} : { ExitCode: exitCode }) },
    },
  };
}

export function snapshot(services: readonly Service[], tasks: readonly Task[]): Snapshot {
  return { services, tasks, nodes: [node, down] };
}

export function plan(change: Partial<Plan> = {}): Plan {
  return {
    name: 'shop',
    stack: 'shop',
    target: 'swarm',
    apps: [
      {
        id: 'api',
        image: 'registry.example.com:5000/shop-api:2',
        built: true,
        processes: 2,
        port: 8000,
        startup: 10,
        stopGrace: 60,
        host: 'localhost',
        path: '/',
        hasReadiness: false,
        secrets: [],
        volumes: [],
      },
    ],
    secrets: [],
    volumes: [],
    ...change,
  } as Plan;
}
