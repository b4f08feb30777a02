import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerEngine, type DockerEngine } from '../harness/engines.js';
import { run } from '../harness/process.js';
import { Project } from '../harness/running/project.js';

const BIN = join(import.meta.dirname, '../../bin/synth.mjs');
const LOCK = 'asgi-synth.lock.json';

/** Small enough to be built in seconds; a change of it is another image. */
const STACK = `import { AsgiApp, Stack } from 'asgi-synth';

export default () => {
  const stack = new Stack('synth-build', process.env.REGISTRY ? { registry: process.env.REGISTRY } : {});
  new AsgiApp(stack, 'api', {
    source: './images/tiny',
    module: 'main:app',
    build: { dockerfile: 'Dockerfile', secrets: { token: { environment: 'BUILD_TOKEN' } } },
  });
  return stack;
};
`;

const FAILING = `RUN exec 2>&1; for i in 1 2 3; do echo "line $i"; done; echo "no such package" >&2; exit 7
`;

describe('images of a project', () => {
  let engine: DockerEngine;
  let project: Project;
  const made = new Set<string>();

  beforeAll(async () => {
    engine = await dockerEngine();
    project = new Project('stacks/hello.ts', engine);
    rmSync(join(project.folder, 'stacks/hello.ts'));
    writeFileSync(join(project.folder, 'stacks/build.ts'), STACK);
    await run('mkdir', [join(project.folder, 'images/tiny')]);
    // Another content each time: an engine may still have the image of a run that was killed.
    writeFileSync(join(project.folder, 'images/tiny/main.py'), `app = '${randomUUID()}'\n`);
    dockerfile('');
  });

  afterAll(async () => {
    if (made.size > 0) await run('docker', ['image', 'rm', '--force', ...made], { env: engine.env, check: false });
    project[Symbol.dispose]();
  });

  function dockerfile(more: string): void {
    const secret = 'RUN --mount=type=secret,id=token test "$(cat /run/secrets/token)" = canary-4711\n';
    const text = `# syntax-less\nFROM ${engine.images.python}\nCOPY main.py .\n${secret}${more}`;
    writeFileSync(join(project.folder, 'images/tiny/Dockerfile'), text);
  }

  async function synth(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const images = Object.entries(engine.images).flatMap(([name, reference]) => ['--image', `${name}=${reference}`]);
    const ran = await run(process.execPath, [BIN, ...images, ...args], {
      cwd: project.folder,
      env: { ...engine.env, BUILD_TOKEN: 'canary-4711', ...env },
      check: false,
      timeoutSeconds: 400,
    });
    if (args[0] === 'build') ran.stdout.split('\n').forEach((line) => line.startsWith('synth-build') && made.add(line));
    expect(`${ran.stdout}${ran.stderr}`).not.toContain('canary');
    return ran;
  }

  test('are built on the engine once, and not again', async () => {
    const first = await synth(['build', '--target', 'bare-metal']);
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^synth-build-api:\w+-gunicorn\n$/) as string,
    });
    const image = first.stdout.trim();
    expect(first.stderr.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^building on Docker Engine \S+ on \S+ \(context default, \S+\)$/) as string,
      `api: building ${image}`,
      `api: built ${image}`,
    ]);
    const again = await synth(['build', '--target', 'bare-metal']);
    expect(again.stderr).toContain(`api: ${image} is there already\n`);
  });

  test('tell which step failed, and what it said last', async () => {
    dockerfile(FAILING);
    const { exitCode, stdout, stderr } = await synth(['build', '--target', 'swarm', '--json']);
    dockerfile('');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /\nsynth-build\/api: synth-build-api:\w+ cannot be built at \[\S*\s*4\/4\] RUN exec 2>&1; for i .*: exit code: 7\n {2}line 1\n {2}line 2\n {2}line 3\n {2}no such package\n$/,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      images: [{ app: 'api', state: 'failed', failure: { reason: 'exit code: 7' } }],
    });
  });

  test('are pushed, locked by digest, and named by it in every output', async () => {
    const env = { REGISTRY: engine.registry };
    const first = await synth(['lock'], env);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stderr).toMatch(/synth-build-api:\w+-gunicorn is not pushed yet; run synth build --push/);

    const pushed = await synth(['build', '--target', 'all', '--push'], env);
    expect(pushed).toMatchObject({ exitCode: 0 });
    const images = pushed.stdout.trim().split('\n');
    images.forEach((image) => made.add(image));
    expect((await synth(['build', '--target', 'all', '--push'], env)).stderr.match(/is there already/g)).toHaveLength(
      images.length,
    );

    expect((await synth(['lock', '--check'], env)).exitCode).toBe(1);
    expect((await synth(['lock'], env)).exitCode).toBe(0);
    const text = readFileSync(join(project.folder, LOCK), 'utf8');
    const locked = (JSON.parse(text) as { images: Record<string, string> }).images;
    expect(Object.keys(locked)).toEqual([engine.images.nginx, ...images].toSorted());
    expect((await synth(['lock', '--check'], env)).exitCode).toBe(0);

    await synth(['--target', 'all'], env);
    for (const file of ['bare-metal/compose.yaml', 'swarm/stack.yaml', 'kubernetes/api.yaml']) {
      const output = readFileSync(join(project.folder, 'out/synth-build', file), 'utf8');
      const [, reference = '', digest] = /image: "(\S+synth-build-api\S+)@(sha256:\w+)"/.exec(output) ?? [];
      expect(locked[reference]).toBe(digest);
    }
    const [image = ''] = images;
    const { exitCode } = await run('docker', ['pull', '--quiet', `${image}@${locked[image]}`], { env: engine.env });
    expect(exitCode).toBe(0);
  });

  test('that no output names any more leave the lock file', async () => {
    const old = { schemaVersion: 1, images: { 'r.example.com/gone:1': `sha256:${'a'.repeat(64)}` } };
    writeFileSync(join(project.folder, LOCK), JSON.stringify(old));
    const { stdout } = await synth(['lock'], { REGISTRY: engine.registry });
    expect(stdout).toContain('- r.example.com/gone:1\n');
    expect(readFileSync(join(project.folder, LOCK), 'utf8')).not.toContain('gone');
  });

  test('that no registry has are named, and nothing is written', async () => {
    rmSync(join(project.folder, LOCK));
    const { exitCode, stderr } = await synth(['lock', '--image', `nginx=${engine.registry}/no-such:1`]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `image ${engine.registry}/no-such:1 is not in its registry; look at its name and tag\n`,
    });
  });
});
