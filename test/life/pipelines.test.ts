import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request } from '../harness/client.js';
import { dockerEngine, installPipelineRunners, type DockerEngine } from '../harness/engines.js';
import { RUNNERS } from '../harness/pipelines/runners.js';
import { SshServer } from '../harness/pipelines/ssh-server.js';
import { run } from '../harness/process.js';
import { canary, freePort, spellings } from '../harness/running/project.js';

const CHECKOUT = join(import.meta.dirname, '../..');

/** One secret for each system: GitLab's runner here expands what looks like a variable, as GitLab does unless told not to. */
const TOKENS = { github: canary(), gitlab: canary().slice(0, 32) };

/** The pipelines that `synth init --ci` writes, run by the runners of others, each step as it is written. */
describe('a pipeline deploys a project to a server that is reached by SSH', () => {
  let engine: DockerEngine;
  let server: SshServer;
  let port: number;
  let scratch: string;
  let repository: string;

  beforeAll(async () => {
    engine = await dockerEngine();
    await installPipelineRunners();
    scratch = mkdtempSync(join(tmpdir(), 'asgi-synth-ci-'));
    repository = join(scratch, 'shop');
    server = await SshServer.start(folderIn('server'), engine);
    port = await freePort();
    await makeRepository();
  });

  afterAll(async () => {
    await synth('destroy', '--target', 'bare-metal', '--yes', '--volumes');
    await server[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  test('GitLab, the first time', async () => {
    const { exitCode, log } = await pipeline('gitlab', '1');
    expect(exitCode, log).toBe(0);
    expect(log).toMatch(/ 0 failed/);
    expect(await answer()).toEqual({ version: '1', token: digest(TOKENS.gitlab) });
  });

  test('GitHub, with another version and another value of its secret, over two connections at most', async () => {
    const before = server.connections;
    const { exitCode, log } = await pipeline('github', '2');
    expect(exitCode, log).toBe(0);
    expect(log).toMatch(/ 0 failed/);
    expect(await answer()).toEqual({ version: '2', token: digest(TOKENS.github) });
    expect(server.connections - before).toBeLessThanOrEqual(2);
  });

  test.each(['github', 'gitlab'] as const)(
    '%s fails with a version that does not start, and the old one serves on',
    async (system) => {
      const { exitCode, log } = await pipeline(system, 'broken');
      expect(exitCode, log).not.toBe(0);
      expect(log).toContain('"serving": 2');
      // The last step is not reached.
      expect(log).not.toContain('verifying ');
      expect(await answer()).toMatchObject({ version: '2' });
    },
  );

  test.each(['github', 'gitlab'] as const)(
    '%s fails where DEPLOY_HOST is missing, and builds nothing',
    async (system) => {
      const { exitCode, log } = await pipeline(system, '4', { DEPLOY_HOST: '' });
      expect(exitCode, log).not.toBe(0);
      expect(log).toContain('DEPLOY_HOST: is not set');
      expect(log).not.toContain('building on');
    },
  );

  function folderIn(name: string): string {
    const folder = join(scratch, name);
    mkdirSync(folder);
    return folder;
  }

  /** Somebody's repository: an application, its stack, this package by a lock file, and both pipelines. */
  async function makeRepository(): Promise<void> {
    cpSync(join(import.meta.dirname, '../fixtures/pipelines/shop'), repository, { recursive: true });
    const { python, nginx } = engine.images;
    edit('stack.ts', (text) => text.replace('0, images: {}', `${port}, images: ${JSON.stringify({ python, nginx })}`));
    const packed = await run('npm', ['pack', '--json', '--pack-destination', repository], { cwd: CHECKOUT });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    await run('npm', ['install', '--no-audit', '--no-fund', '--save-dev', `./${filename}`, 'constructs'], {
      cwd: repository,
    });
    await synth('init', '--ci', 'github');
    await synth('init', '--ci', 'gitlab');
    await git('init', '--quiet', '--initial-branch', 'main');
    await git('remote', 'add', 'origin', 'git@git.example.com:acme/shop.git');
  }

  /** What a push of a version does. */
  async function pipeline(
    system: 'github' | 'gitlab',
    version: string,
    variables: Readonly<Record<string, string>> = {},
  ) {
    edit('api/main.py', (text) => text.replace(/^VERSION = .*$/m, `VERSION = "${version}"`));
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', `Version ${version}`);
    const { DOCKER_HOST: _, ...env } = engine.env;
    const { exitCode, stdout, stderr } = await RUNNERS[system]({
      repository,
      scratch,
      env: { ...env, DOCKER_HOST: undefined },
      variables: { DEPLOY_HOST: server.host, ...variables },
      secrets: { API_TOKEN: TOKENS[system] },
      // As it is pasted: less its last line break.
      files: { SSH_PRIVATE_KEY: server.privateKey.trimEnd(), SSH_KNOWN_HOSTS: server.knownHosts },
    });
    const log = `${stdout}${stderr}`;
    for (const text of [...spellings(TOKENS[system]), ...server.privateKey.split('\n').slice(1, -2)])
      expect(log).not.toContain(text);
    return { exitCode, log };
  }

  async function answer(): Promise<unknown> {
    const { status, body } = await request({
      url: 'http://localhost/health',
      address: `${engine.address}:${port}`,
      method: 'GET',
    });
    expect(status).toBe(200);
    return JSON.parse(body) as unknown;
  }

  function synth(...words: readonly string[]) {
    return run('npx', ['--no', '--', 'synth', ...words], { cwd: repository, env: engine.env });
  }

  function git(...words: readonly string[]) {
    return run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], { cwd: repository });
  }

  function edit(file: string, change: (text: string) => string): void {
    const path = join(repository, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }
});

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
