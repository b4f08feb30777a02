import type { Plan } from '../../../../src/deployment/plan.js';
import type { ContainerState, Deployment, Pod } from '../../../../src/deployment/kubernetes/sight.js';

export function planWith(overrides: Partial<Plan> = {}): Plan {
  return {
    name: 'shop',
    stack: 'shop',
    target: 'kubernetes',
    namespace: 'shop',
    apps: [
      {
        id: 'api',
        image: 'shop-api:1',
        built: true,
        processes: 2,
        port: 8000,
        startup: 10,
        stopGrace: 30,
        host: 'localhost',
        path: '/',
        hasReadiness: true,
        secrets: ['db_password', 'api_key'],
        volumes: [],
      },
    ],
    secrets: [
      { id: 'db_password', variable: 'DB_PASSWORD' },
      { id: 'api_key', variable: 'API_KEY' },
    ],
    volumes: [],
    ...overrides,
  };
}

export function podWith(container: Partial<ContainerState>, status: Partial<Pod['status']> = {}): Pod {
  return {
    kind: 'Pod',
    metadata: { name: 'shop-api-1', uid: '1', ownerReferences: [{ uid: 'set' }] },
    spec: { nodeName: 'node1', containers: [{ name: 'api', image: 'shop-api:1' }] },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'api', ready: false, restartCount: 0, state: {}, lastState: {}, ...container }],
      ...status,
    },
  };
}

export const READY: Partial<Pod['status']> = { conditions: [{ type: 'Ready', status: 'True' }] };

export function deploymentWith(status: Deployment['status'], spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    kind: 'Deployment',
    metadata: {
      name: 'shop-api',
      uid: 'deployment',
      generation: 2,
      annotations: { 'deployment.kubernetes.io/revision': '2' },
    },
    spec: {
      replicas: 2,
      template: {
        metadata: { labels: { 'app.kubernetes.io/name': 'api' } },
        spec: { containers: [{ name: 'api', image: 'shop-api:1' }] },
      },
      ...spec,
    },
    status,
  };
}
