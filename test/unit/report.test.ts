import { Postgres, reportOn, Stack, Worker, type TargetName } from 'asgi-synth';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { bytes } from '../../src/model/quantity.js';
import { addApp, outputOf, serviceOf, stackOf } from './support/outputs.js';

const MEBI = 2 ** 20;

const on = (stack: Stack, target: TargetName) => reportOn(stack, [target]).footprint[0]!;

test('on bare metal an app is one container with all of its processes, and a second one during an update', () => {
  const stack = stackOf({ processes: 4, memory: '256Mi' });
  const { parts, total } = on(stack, 'bare-metal');
  const memory = (4 * 256 + 64) * MEBI;
  expect(parts[0]).toEqual({
    id: 'api',
    processes: 4,
    containers: 1,
    memoryEach: memory,
    surge: memory,
    memory,
    peak: 2 * memory,
  });
  expect(parts[1]).toMatchObject({ id: 'nginx', memory: 256 * MEBI, peak: 256 * MEBI });
  expect(total).toEqual({ memory: memory + 256 * MEBI, peak: 2 * memory + 256 * MEBI });
  expect(serviceOf(stack, 'bare-metal').deploy.resources.limits.memory).toBe(`${memory / MEBI}M`);
});

test.each([
  [1, 1],
  [4, 1],
  [8, 2],
  [11, 2],
])('on a Swarm an update of %i processes starts %i more at once', (processes, more) => {
  const stack = stackOf({ processes, memory: '128Mi', cpu: 0.3 });
  const [app, edge] = on(stack, 'swarm').parts;
  expect(app).toMatchObject({
    ...{ containers: processes, memory: processes * 128 * MEBI, surge: more * 128 * MEBI },
    cpu: Math.round(processes * 300) / 1000,
  });
  expect(edge).toMatchObject({ id: 'nginx', perNode: true });
  expect(serviceOf(stack, 'swarm').deploy.update_config?.parallelism).toBe(more);
});

test.each([
  [1, 1],
  [4, 1],
  [5, 2],
])('on Kubernetes an update of %i pods starts %i more at once', (processes, more) => {
  const { parts, total } = on(stackOf({ processes, memory: '128Mi', cpu: 0.5 }), 'kubernetes');
  expect(parts).toEqual([
    {
      ...{ id: 'api', processes, containers: processes, memoryEach: 128 * MEBI, surge: more * 128 * MEBI },
      ...{ memory: processes * 128 * MEBI, peak: (processes + more) * 128 * MEBI },
      ...{ cpuEach: 0.5, cpu: processes / 2 },
    },
  ]);
  expect(total).toEqual({
    memory: processes * 128 * MEBI,
    peak: (processes + more) * 128 * MEBI,
    cpu: processes / 2,
  });
});

test('a range counts with the most processes that there may be', () => {
  const [app] = on(stackOf({ processes: { min: 2, max: 8 } }), 'kubernetes').parts;
  expect(app).toMatchObject({ fewest: 2, processes: 8, containers: 8, surge: 1024 * MEBI });
});

test.each(['bare-metal', 'swarm', 'kubernetes'] as const)(
  'workers and databases count, and take no more in an update, on %s',
  (target) => {
    const stack = new Stack('shop');
    const app = addApp(stack, 'api');
    new Worker(stack, 'emails', { app, command: ['work'], processes: 3, memory: '64Mi', cpu: 0.1 });
    new Postgres(stack, 'db', { version: '18', memory: '1Gi', cpu: 2 });
    const parts = on(stack, target).parts.filter(({ id }) => ['emails', 'db'].includes(id));
    expect(parts).toMatchObject([
      { id: 'emails', processes: 3, containers: 3, memory: 192 * MEBI, peak: 192 * MEBI },
      { id: 'db', processes: 1, containers: 1, memory: 1024 * MEBI, peak: 1024 * MEBI },
    ]);
    expect(parts.map(({ cpu }) => cpu)).toEqual(target === 'bare-metal' ? [undefined, undefined] : [0.3, 2]);
  },
);

test('the edge counts as its pods may', () => {
  const stack = stackOf({}, { edge: 'nginx' });
  const edge = on(stack, 'kubernetes').parts.at(-1)!;
  const [deployment] = parseAllDocuments(outputOf(stack, 'kubernetes')['nginx.yaml'] ?? '')
    .map((document) => document.toJS() as NginxDeployment)
    .filter(({ kind }) => kind === 'Deployment');
  const { replicas, template } = deployment!.spec;
  const { limits } = template.spec.containers[0]!.resources;
  expect(edge).toMatchObject({ id: 'nginx', containers: replicas, cpuEach: Number(limits.cpu) });
  expect(edge.memoryEach).toBe(bytes(limits.memory));
});

interface NginxDeployment {
  readonly kind: string;
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly resources: { readonly limits: { readonly cpu: string; readonly memory: string } };
        }[];
      };
    };
  };
}

test('problems that nobody accepts are part of the report, mistakes are not', () => {
  const { portability } = reportOn(stackOf({ pathPrefix: '/api' }), ['kubernetes']);
  expect(portability.at(-1)).toMatchObject({
    prop: 'pathPrefix',
    targets: { kubernetes: { how: 'problem', problems: [{ id: 'path-prefix' }] } },
  });
  const stack = new Stack('shop');
  addApp(stack, 'api', { processes: 0 });
  expect(() => reportOn(stack)).toThrow('processes must be');
});
