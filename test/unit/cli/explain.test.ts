import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { makeProject, type Project } from '../support/project.js';

const STACK = `import { AsgiApp, Secret, Stack, Swarm } from 'asgi-synth';

const stack = new Stack('shop', { edge: 'nginx', labels: { team: 'storefront' } });

const api = new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  processes: 4,
  requestTimeout: 20,
  health: { readiness: '/ready', startup: 40 },
  secrets: [new Secret(stack, 'api_key')],
});
Swarm.of(api).patch({ op: 'add', path: '/deploy/placement/preferences', value: [{ spread: 'node.labels.zone' }] });

export default stack;
`;

const explain = ({ directory }: Project, ...words: string[]) => runCli(directory, 'explain', ...words);

/** `FILE:LINE` of the first line of an output that holds a text. */
async function lineOf(project: Project, target: string, file: string, text: string): Promise<string> {
  await runCli(project.directory, '--target', target);
  const lines = (project.contents()[`out/shop/${target}/${file}`] ?? '').split('\n');
  return `out/shop/${target}/${file}:${lines.findIndex((line) => line.includes(text)) + 1}`;
}

describe('synth explain', () => {
  test.each(['bare-metal', 'swarm', 'kubernetes'])('tells what a stack is on %s', async (target) => {
    using project = makeProject({ 'stack.ts': STACK });
    const { code, stdout, stderr } = await explain(project, '--target', target);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`expected/explain-${target}.txt`);
  });

  test('tells everything that a construct became', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const { stdout } = await explain(project, 'shop/api', '--target', 'swarm');
    await expect(stdout).toMatchFileSnapshot('expected/explain-a-construct.txt');
    expect((await explain(project, 'api', '--target', 'swarm')).stdout).toBe(stdout);
  });

  test('tells where a secret is used', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const { stdout } = await explain(project, 'api_key', '--target', 'kubernetes');
    expect(stdout).toContain('secret.name = shop-api-key\n');
    expect(stdout).toContain('from secrets of shop/api: given at stack.ts:5:13\n');
  });

  test('tells what a line is for, with the prop or the default that made it', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const told = async (target: string, file: string, text: string) =>
      (await explain(project, await lineOf(project, target, file, text))).stdout;
    expect(await told('swarm', 'stack.yaml', 'replicas:')).toBe(`out/shop/swarm/stack.yaml:77
  services.api.deploy.replicas = 4
      tasks of one Uvicorn process each, which the Swarm starts, watches, replaces and spreads
      from processes of shop/api, 4: given at stack.ts:5:13
      see https://docs.docker.com/reference/compose-file/deploy/#replicas
`);
    expect(await told('swarm', 'stack.yaml', 'memory:')).toContain('from memory of shop/api, 512Mi: its default\n');
    expect(await told('swarm', 'stack.yaml', 'stop_grace_period:')).toContain(
      'stop grace 31 s: 3 drain + 23 of the manager + 5 for the process itself to end\n',
    );
    expect(await told('swarm', 'stack.yaml', 'spread:')).toContain(
      'from a patch of the stack file: add /deploy/placement/preferences\n',
    );
    expect(await told('swarm', 'stack.yaml', 'team:')).toContain('from labels of shop: given at stack.ts:3:15\n');
    expect(await told('swarm', 'stack.yaml', 'read_only:')).toContain('ours: no prop changes it\n');
    expect(await told('bare-metal', 'api/gunicorn.conf.py', 'graceful_timeout =')).toContain(
      'manager 23 s: 20 of the app + 3\n',
    );
    expect(await told('bare-metal', 'nginx/nginx.conf', 'proxy_read_timeout')).toContain(
      'proxy read 25 s: requestTimeout 20 + 5\n',
    );
    expect(await told('kubernetes', 'nginx.yaml', 'proxy_read_timeout')).toContain(
      'proxy read 25 s: requestTimeout 20 + 5\n',
    );
    expect(await told('kubernetes', 'api.yaml', 'replicas:')).toContain(
      'from processes of shop/api, 4: given at stack.ts:5:13\n',
    );
  });

  test('takes a path inside the output where the target is named', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    expect((await explain(project, 'stack.yaml:4', '--target', 'swarm')).stdout).toMatch(
      /^out\/shop\/swarm\/stack.yaml:4\n {2}services\n/,
    );
  });

  test('is JSON for machines', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const place = await lineOf(project, 'swarm', 'stack.yaml', 'replicas:');
    expect(JSON.parse((await explain(project, place, '--json')).stdout)).toEqual({
      schemaVersion: 1,
      ok: true,
      target: 'swarm',
      file: 'stack.yaml',
      line: 77,
      path: 'services.api.deploy.replicas',
      value: '4',
      construct: 'shop/api',
      why: 'tasks of one Uvicorn process each, which the Swarm starts, watches, replaces and spreads',
      from: [
        {
          construct: 'shop/api',
          prop: 'processes',
          given: true,
          value: '4',
          position: { file: 'stack.ts', line: 5, column: 13 },
        },
      ],
      source: 'https://docs.docker.com/reference/compose-file/deploy/#replicas',
    });
    const overview = JSON.parse((await explain(project, '--target', 'bare-metal', '--json')).stdout) as object;
    expect(overview).toMatchObject({
      schemaVersion: 1,
      parts: [
        {
          construct: 'shop/api',
          madeOf: { process: 2 ** 29, times: 4, plus: { bytes: 2 ** 26 } },
          memory: 2 ** 31 + 2 ** 26,
        },
        { kind: 'edge' },
      ],
      edge: { name: 'nginx', ports: [{ port: '80' }] },
    });
  });

  test('says what is wrong with a question', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const place = await lineOf(project, 'swarm', 'stack.yaml', 'replicas:');
    const cases: [words: string[], code: number, message: string][] = [
      [
        ['shop/apy', '--target', 'swarm'],
        1,
        '"shop/apy" is no construct of the stack and no FILE:LINE of its output; did you mean shop/api?\n',
      ],
      [
        ['stack.yml:4', '--target', 'swarm'],
        1,
        'out/shop/swarm/stack.yml is no file of this output; did you mean stack.yaml?\n',
      ],
      [
        ['stack.yaml:4000', '--target', 'swarm'],
        1,
        'out/shop/swarm/stack.yaml has 207 lines, got 4000; name one of them\n',
      ],
      [
        ['stack.yaml:3', '--target', 'swarm'],
        1,
        'line 3 of out/shop/swarm/stack.yaml is empty; name one with something on it\n',
      ],
      [[], 2, '--target is missing; choose one of bare-metal, swarm, kubernetes\n'],
      [['api', 'web', '--target', 'swarm'], 2, 'unexpected "web"; --help lists what may stand there\n'],
    ];
    for (const [words, code, stderr] of cases)
      expect(await explain(project, ...words)).toEqual({ code, stderr, stdout: '' });
    writeFileSync(join(project.directory, 'stack.ts'), STACK.replace('processes: 4', 'processes: 5'));
    expect(await explain(project, place)).toMatchObject({
      code: 1,
      stderr: `line 77 of out/shop/swarm/stack.yaml is not what the stack makes now; run synth --target swarm, or give explain the options it was made with\n`,
    });
  });
});

describe('synth graph', () => {
  test('is Mermaid unless another format is named', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const graph = (...words: string[]) => runCli(project.directory, 'graph', ...words);
    await expect((await graph()).stdout).toMatchFileSnapshot('expected/graph.mmd');
    await expect((await graph('--target', 'swarm')).stdout).toMatchFileSnapshot('expected/graph-swarm.mmd');
    await expect((await graph('--target', 'kubernetes', '--format', 'svg')).stdout).toMatchFileSnapshot(
      'expected/graph-kubernetes.svg',
    );
    expect((await graph('--format', 'html')).stdout.match(/<h2 /g)).toHaveLength(3);
    expect(JSON.parse((await graph('--target', 'swarm', '--json')).stdout)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      graphs: [{ title: 'shop on swarm' }],
    });
    expect(await graph('--format', 'sgv')).toMatchObject({
      code: 2,
      stderr: 'unknown format "sgv"; did you mean svg?\n',
    });
  });
});
