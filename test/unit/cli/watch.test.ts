import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Made } from '../../../src/deployment/development/develop.js';
import type { DevelopmentEngine } from '../../../src/deployment/development/engine.js';
import { until } from '../../../src/deployment/wait.js';
import { WORLD } from '../../../src/cli/world.js';
import { runCli, runCliWith, type CliResult } from '../support/cli.js';
import { makeProject } from '../support/project.js';
import { LAYOUTS } from './layouts.js';

const PLAIN = LAYOUTS['plain main.py with requirements.txt']!;

const stackFile = (more = '', app = '') => `import { AsgiApp, Compose, Secret, Stack, Worker } from 'asgi-synth';
const stack = new Stack('shop');
const api = new AsgiApp(stack, 'api', { source: '.', module: 'main:app', ${app} });
${more}
export default stack;
`;

const WORKER = "new Worker(stack, 'emails', { app: api, command: ['celery'] });";

/** An engine in memory: what it was told to do. */
class FakeEngine implements DevelopmentEngine {
  readonly name = 'Fake Engine 1.0 (context test)';
  readonly calls: string[] = [];
  exitCode = 0;

  up({ development: { name } }: Made): Promise<number> {
    this.calls.push(`up ${name}`);
    return Promise.resolve(this.exitCode);
  }

  restart(_: Made, services: readonly string[]): Promise<number> {
    this.calls.push(`restart ${services.join(' ')}`);
    return Promise.resolve(0);
  }

  follow(): void {
    this.calls.push('follow');
  }

  down(): Promise<number> {
    this.calls.push('down');
    return Promise.resolve(0);
  }
}

/** `synth watch` while it runs, in a project that it begins with. */
function watching(files: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const project = makeProject(files);
  const engine = new FakeEngine();
  const world = { ...WORLD, develop: () => Promise.resolve(engine) };
  const result = runCliWith(world, project.directory, 'watch', ...words);
  const signal = AbortSignal.timeout(20_000);
  const { write } = process.stderr;
  let said = '';
  process.stderr.write = (chunk) => {
    said += String(chunk);
    return write(chunk);
  };
  return {
    engine,
    project,
    write: (path: string, content: string) => writeFileSync(join(project.directory, path), content),
    /** Waits until the engine was told that so many times. */
    told: (call: string, times = 1) =>
      until(() => Promise.resolve(engine.calls.filter((one) => one === call).length >= times || undefined), {
        signal,
        everyMilliseconds: 20,
      }),
    said: (words: string) =>
      until(() => Promise.resolve(said.includes(words) || undefined), { signal, everyMilliseconds: 20 }),
    ended: (): Promise<CliResult> => {
      process.emit('SIGINT');
      return result;
    },
    result,
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}

const transcript = ({ code, stdout, stderr }: CliResult) => `${stdout}${stderr}exit code ${code}\n`;

const expected = (title: string) => `expected/watch-${title}.txt`;

describe('synth watch', () => {
  test('brings the stack up, says where it answers, and takes it down with Ctrl-C', async () => {
    using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    await watch.told('follow');
    const result = await watch.ended();
    await expect(transcript(result)).toMatchFileSnapshot(expected('from-start-to-ctrl-c'));
    expect(result.code).toBe(130);
    expect(watch.engine.calls).toEqual(['up shop_development', 'follow', 'down']);
    expect(watch.project.contents()['out/shop/development/compose.yaml']).toContain('name: "shop_development"');
  });

  test('makes everything anew where the stack file changes, and the lock file', async () => {
    using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    await watch.told('follow');
    watch.write('stacks/shop.ts', stackFile(WORKER));
    await watch.told('up shop_development', 2);
    expect(watch.project.contents()['out/shop/development/compose.yaml']).toContain('  emails:\n');
    watch.write('requirements.txt', `${PLAIN['requirements.txt']}redis==6.0\n`);
    await watch.told('up shop_development', 3);
    const result = await watch.ended();
    await expect(transcript(result)).toMatchFileSnapshot(expected('a-changed-stack-and-lock-file'));
    expect(watch.engine.calls.at(-1)).toBe('down');
  });

  test('restarts workers where the source changes, which apps see themselves', async () => {
    using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile(WORKER) });
    await watch.told('follow');
    watch.write('main.py', `${PLAIN['main.py']}\n`);
    await watch.told('restart emails');
    const result = await watch.ended();
    await expect(transcript(result)).toMatchFileSnapshot(expected('a-changed-source'));
    expect(watch.engine.calls).toEqual(['up shop_development', 'follow', 'restart emails', 'down']);
  });

  test('lets run what ran while the stack has mistakes, and goes on when they are mended', async () => {
    using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    await watch.told('follow');
    watch.write('stacks/shop.ts', stackFile('', 'processes: 0, memory: "much"'));
    await watch.said('the next change tries again');
    watch.write('stacks/shop.ts', stackFile(WORKER));
    await watch.told('up shop_development', 2);
    const result = await watch.ended();
    await expect(transcript(result)).toMatchFileSnapshot(expected('a-mistake-in-the-stack'));
    expect(watch.engine.calls).toEqual(['up shop_development', 'follow', 'up shop_development', 'follow', 'down']);
  });

  test('reads secrets from .env, and lets apps read them again when it changes', async () => {
    using watch = watching({
      ...PLAIN,
      '.env': 'API_KEY=one\n',
      'stacks/shop.ts': stackFile(WORKER, "secrets: [new Secret(stack, 'api_key')]"),
    });
    await watch.told('follow');
    watch.write('.env', 'API_KEY=two\n');
    await watch.told('restart api emails');
    const result = await watch.ended();
    expect(watch.project.contents()['out/shop/development/secrets/api_key']).toBe('two');
    await expect(transcript(result)).toMatchFileSnapshot(expected('a-changed-secret'));
  });

  test('says that it tries again where Compose fails', async () => {
    using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    watch.engine.exitCode = 17;
    await watch.told('follow');
    const result = await watch.ended();
    await expect(transcript(result)).toMatchFileSnapshot(expected('a-failure-of-compose'));
  });

  test('says that patches are left out', async () => {
    using watch = watching({
      ...PLAIN,
      'stacks/shop.ts': stackFile("Compose.of(api).patch({ op: 'remove', path: '/healthcheck' });"),
    });
    await watch.told('follow');
    await expect(transcript(await watch.ended())).toMatchFileSnapshot(expected('patches'));
  });

  test('starts nothing where the stack is wrong, or a secret has no value', async () => {
    for (const [title, app] of [
      ['a-mistake-at-the-start', 'processes: 0'],
      [
        'a-secret-without-a-value',
        "secrets: [new Secret(stack, 'no_such_key'), new Secret(stack, 'other_key', { file: './no-such-file' })]",
      ],
    ] as const) {
      using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile('', app) });
      const result = await watch.result;
      await expect(transcript(result)).toMatchFileSnapshot(expected(title));
      expect({ code: result.code, calls: watch.engine.calls }).toEqual({ code: 1, calls: [] });
    }
  });

  test('goes on where the stack file goes away for a moment, as some editors do', async () => {
    using watch = watching({ ...PLAIN, 'stacks/shop.ts': stackFile() }, '--stack', 'stacks/shop.ts');
    await watch.told('follow');
    rmSync(join(watch.project.directory, 'stacks/shop.ts'));
    watch.write('stacks/shop.ts', stackFile(WORKER));
    await watch.told('up shop_development', 2);
    expect((await watch.ended()).code).toBe(130);
  });
});

describe('synth watch --write-only', () => {
  test('writes the files and starts nothing', async () => {
    using project = makeProject({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    const result = await runCli(project.directory, 'watch', '--write-only', '--stage', 'mine', '--port', '9000');
    await expect(transcript(result)).toMatchFileSnapshot(expected('write-only'));
    expect(project.contents()['out/shop-mine/development/compose.yaml']).toContain('published: "9000"');
  });

  test('prints the same as JSON', async () => {
    using project = makeProject({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    const { stdout } = await runCli(project.directory, 'watch', '--write-only', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      name: 'shop_development',
      directory: 'out/shop/development',
      addresses: { api: 'http://127.0.0.1:8000/' },
    });
  });

  test('does not change what is deployed', async () => {
    using project = makeProject({ ...PLAIN, 'stacks/shop.ts': stackFile() });
    const deployed = () => runCli(project.directory, '--target', 'bare-metal', '--json');
    await deployed();
    await runCli(project.directory, 'watch', '--write-only');
    const images = (text = '') => text.match(/image: .*/g);
    const before = images(project.contents()['out/shop/bare-metal/compose.yaml']);
    await deployed();
    expect(images(project.contents()['out/shop/bare-metal/compose.yaml'])).toEqual(before);
  });
});

/** A docker that writes down what it is told. Its logs go on until they are ended. */
const DOCKER = `#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
  info*) echo '{"ServerVersion":"28.5.1","Name":"laptop"}' ;;
  'compose version'*) echo 2.40.3 ;;
  *' logs '*) exec sleep 60 ;;
esac
`;

/** `synth watch` with a docker command of the test. */
function withDocker(endpoint: string) {
  const project = makeProject({ ...PLAIN, 'stacks/shop.ts': stackFile(WORKER), 'bin/docker': DOCKER, calls: '' });
  const file = (path: string) => join(project.directory, path);
  chmodSync(file('bin/docker'), 0o755);
  const before = { ...process.env };
  Object.assign(process.env, { PATH: `${file('bin')}:${before['PATH']}`, CALLS: file('calls'), DOCKER_HOST: endpoint });
  const compose = `compose --project-name shop_development --file ${file('out/shop/development')}/compose.yaml `;
  const signal = AbortSignal.timeout(50_000);
  return {
    project,
    result: runCli(project.directory, 'watch'),
    calls: () =>
      readFileSync(file('calls'), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(compose))
        .map((line) => line.slice(compose.length).replace(/\d{4}-.*Z/, 'TIME')),
    when: (holds: () => boolean) =>
      until(() => Promise.resolve(holds() || undefined), { signal, everyMilliseconds: 20 }),
    [Symbol.dispose]: () => {
      for (const name of ['CALLS', 'DOCKER_HOST']) delete process.env[name];
      Object.assign(process.env, before);
      project[Symbol.dispose]();
    },
  };
}

describe('synth watch with the docker command', () => {
  test('starts, follows, restarts and stops with stock commands', async () => {
    using watch = withDocker('unix:///var/run/docker.sock');
    await watch.when(() => watch.calls().some((line) => line.startsWith('logs')));
    writeFileSync(join(watch.project.directory, 'main.py'), '# another\n');
    await watch.when(() => watch.calls().includes('restart emails'));
    process.emit('SIGINT');
    expect(await watch.result).toMatchObject({ code: 130, stdout: '' });
    expect(watch.calls()).toEqual([
      'up --detach --build --remove-orphans',
      'logs --follow --since TIME',
      'restart emails',
      'down --remove-orphans',
    ]);
  });

  test('refuses an engine that does not see the source folders', async () => {
    using watch = withDocker('ssh://deploy@shop1');
    await expect(transcript(await watch.result)).toMatchFileSnapshot(expected('an-engine-elsewhere'));
    expect(watch.calls()).toEqual([]);
  });
});

test.each([
  [['--target', 'swarm'], 'synth watch runs a stack on this machine alone; leave --target out\n'],
  [['--tag', '1'], 'the images of synth watch all have one tag; leave --tag out\n'],
  [['--port', '0'], '--port must be a whole number from 1 to 65535, got "0"\n'],
  [['shop'], 'unexpected "shop"; --help lists what may stand there\n'],
])('synth watch refuses %j', async (words, stderr) => {
  using project = makeProject({ ...PLAIN, 'stacks/shop.ts': stackFile() });
  expect(await runCli(project.directory, 'watch', ...words)).toEqual({ code: 2, stdout: '', stderr });
});
