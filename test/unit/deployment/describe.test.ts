import { expect, test } from 'vitest';
import { describeContainer } from '../../../src/deployment/bare-metal/describe.js';
import type { Docker } from '../../../src/deployment/docker.js';
import { askHere, containersHere, hostOfEndpoint } from '../../../src/deployment/docker-probe.js';
import { describePod, isReady } from '../../../src/deployment/kubernetes/describe.js';
import { describeService } from '../../../src/deployment/swarm/describe.js';
import { excess } from '../../../src/deployment/verify/privileges.js';

const LABELS = { 'asgi-synth.app': 'api' };

test('a container is described by names of variables alone', () => {
  const described = describeContainer({
    Name: '/shop-api-1',
    Config: { User: '10001:10001', Env: ['LOG_LEVEL=info', 'KEY=a=b'], Labels: LABELS },
    HostConfig: {
      ...{ ReadonlyRootfs: true, CapDrop: ['ALL'], CapAdd: null, SecurityOpt: ['no-new-privileges:true'] },
      ...{ Memory: 1000, PidsLimit: 64, Privileged: false },
    },
  });
  expect(described).toMatchObject({ app: 'api', of: 'shop-api-1', variables: ['LOG_LEVEL', 'KEY'] });
  expect(JSON.stringify(described)).not.toMatch(/info|a=b/);
  expect(excess(described)).toEqual([]);
});

test('a privileged container without limits is described so', () => {
  const described = describeContainer({
    Name: '/shop-nginx-1',
    Config: { User: '', Env: null, Labels: null },
    HostConfig: {
      ...{ ReadonlyRootfs: false, CapDrop: null, CapAdd: null, SecurityOpt: null, Memory: 0, PidsLimit: null },
      Privileged: true,
    },
  });
  expect(described).toMatchObject({ app: 'nginx', addedCapabilities: ['ALL'], newPrivileges: true, pids: 0 });
});

test('a service is described by its template, which has no word on new privileges', () => {
  const described = describeService({
    Spec: {
      ...{ Name: 'shop_api', Labels: LABELS },
      TaskTemplate: {
        ContainerSpec: { User: '10001:10001', ReadOnly: true, CapabilityDrop: ['CAP_ALL'], Env: ['A=1'] },
        Resources: { Limits: { MemoryBytes: 1000, Pids: 10 } },
      },
    },
  });
  expect(described).not.toHaveProperty('newPrivileges');
  expect(excess(described)).toEqual([]);
});

test('a database is described as itself, not as the edge', () => {
  const Labels = { 'asgi-synth.database': 'db' };
  const HostConfig = {
    ...{ ReadonlyRootfs: true, CapDrop: ['ALL'], CapAdd: null, SecurityOpt: null, Memory: 1000, PidsLimit: 64 },
    Privileged: false,
  };
  const Config = { User: '999:999', Env: null, Labels };
  expect(describeContainer({ Name: '/shop-db-1', Config, HostConfig }).app).toBe('db');
  expect(describeService({ Spec: { Name: 'shop_db', Labels, TaskTemplate: { ContainerSpec: {} } } }).app).toBe('db');
});

test('the edge is asked, not a database that is younger', async () => {
  const asked: string[] = [];
  const docker = {
    lines: async () => ['1\tshop-db-1\tdb\tUp (healthy)', '2\tshop-nginx-1\t\tUp (healthy)', '3\tshop-api-1\tapi\tUp'],
    attempt: async ([, container = '']: readonly string[]) => {
      asked.push(container);
      return { stdout: '', stderr: '', exitCode: 1 };
    },
  } as unknown as Docker;
  await askHere(docker, { name: 'shop' }, { host: 'localhost', path: '/' }).catch(() => undefined);
  expect(asked).toEqual(['2']);
  expect((await containersHere(docker, 'shop')).map(({ app }) => app)).toEqual(['db', 'nginx', 'api']);
});

test('a pod is described with what it takes from its own security context', () => {
  const pod = {
    metadata: { name: 'shop-api-abc', labels: { 'app.kubernetes.io/name': 'api' } },
    spec: {
      securityContext: { runAsUser: 10001, runAsGroup: 10001 },
      containers: [
        {
          name: 'api',
          securityContext: {
            ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          },
          resources: { limits: { memory: '512Mi' } },
          env: [{ name: 'A' }],
        },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const [described] = describePod(pod);
  expect(described).toMatchObject({ app: 'api', user: '10001:10001', memory: 2 ** 29, variables: ['A'] });
  expect(excess(described!)).toEqual([]);
  expect(isReady(pod)).toBe(true);
  expect(isReady({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: 'now' } })).toBe(false);
});

test.each([
  ['unix:///var/run/docker.sock', '127.0.0.1'],
  ['ssh://root@shop1:22', 'shop1'],
  ['tcp://10.0.0.5:2376', '10.0.0.5'],
  ['tcp://[fd00::1]:2376', '[fd00::1]'],
])('requests to an engine at %s go to %s', (endpoint, host) => {
  expect(hostOfEndpoint(endpoint)).toBe(host);
});
