import type { AppStatus, DeploymentStatus } from '../../../../src/deployment/deployer.js';
import type { Release } from '../../../../src/deployment/ledger.js';
import type { AppPlan, Plan } from '../../../../src/deployment/plan.js';
import type { Description } from '../../../../src/deployment/probe.js';

export const API: AppPlan = {
  ...{ id: 'api', image: 'acme/shop-api:1', built: true, processes: 2, port: 8000, startup: 5, stopGrace: 30 },
  ...{ host: 'shop.example.com', hosts: ['shop.example.com', 'www.example.com'], path: '/readyz', hasReadiness: true },
  ...{ bodyLimit: 1000, secrets: ['db_password'], volumes: [] },
};

export const PLAN: Plan = {
  ...{ name: 'shop', stack: 'shop', target: 'swarm', apps: [API], volumes: [] },
  edge: { image: 'nginx:1.30.4', port: 80 },
  secrets: [{ id: 'db_password', variable: 'DB_PASSWORD' }],
};

export const RELEASE: Release = {
  ...{
    number: 3,
    at: '2026-01-02T03:04:05.000Z',
    by: 'ada@laptop',
    plan: PLAN,
    files: [],
    secrets: { db_password: 1 },
  },
};

export function appStatus(app: string, image: string, more: Partial<AppStatus> = {}): AppStatus {
  const container = { image, state: 'healthy', restarts: 0, since: '2026-01-02T03:04:05Z', processes: 1 } as const;
  return {
    ...{ app, image, wanted: 2, healthy: 2 },
    containers: [
      { ...container, name: `${app}.1` },
      { ...container, name: `${app}.2` },
    ],
    ...more,
  };
}

export const STATUS: DeploymentStatus = {
  ...{ name: 'shop', engine: 'Docker Engine', release: 3, at: RELEASE.at, by: RELEASE.by },
  apps: [appStatus('api', API.image), appStatus('nginx', 'nginx:1.30.4')],
};

export const DESCRIBED: Description = {
  ...{ app: 'api', of: 'shop_api', user: '10001:10001', readOnlyRoot: true, memory: 2 ** 29, pids: 192 },
  ...{ droppedCapabilities: ['ALL'], addedCapabilities: [], newPrivileges: false, variables: ['LOG_LEVEL'] },
};
