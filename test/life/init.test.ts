import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { synth } from '../faults/command.js';
import { dockerEngine } from '../harness/engines.js';
import { request } from '../harness/client.js';
import { canary } from '../harness/running/project.js';
import { inTurn } from '../harness/turn.js';

const CHECKOUT = join(import.meta.dirname, '../..');

/** What each project answers once it runs. */
const PROJECTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  plain: { 'GET /health': { status: 'ok' } },
  poetry: { 'GET /health': { status: 'ok' } },
  'uv-package': { 'GET /health': { status: 'ok' } },
  'uv-workspace': { 'GET /api/v1/healthz': true },
  factory: { 'GET /openapi.json': expect.objectContaining({ paths: {} }) },
  whole: { 'GET /readyz': null, 'GET /items': { items: 0 }, 'POST /add?a=2&b=3': { sum: 5 } },
};

/** Values of every secret that one of them has. */
const SECRETS = Object.fromEntries(
  ['SECRET_KEY', 'JWT_SECRET', 'DB_PASSWORD', 'CACHE_PASSWORD'].map((name) => [name, canary()]),
);

describe('a project that knows nothing of us runs on one server after `synth init --yes`, without an edit', () => {
  test.each(Object.entries(PROJECTS))('%s', { timeout: 10 * 60_000 }, async (name, answers) => {
    const engine = await dockerEngine();
    const cwd = copyOf(name);
    const images = Object.entries(engine.images).flatMap(([image, reference]) => ['--image', `${image}=${reference}`]);
    const command = async (...words: readonly string[]) => {
      const done = await synth(words, { cwd, env: { ...engine.env, ...SECRETS } });
      expect(done.exitCode, `synth ${words.join(' ')}: ${done.said}\n${JSON.stringify(done.result)}`).toBe(0);
    };
    const onTarget = ['--target', 'bare-metal'];
    await command('init', '--yes');
    // All of them take port 80, which the engine has to itself.
    await inTurn('port 80 of the engine', async () => {
      onTestFinished(() => command('destroy', ...onTarget, '--yes', '--volumes'));
      await inTurn('the builder', () => command('build', ...onTarget, ...images));
      await command('deploy', ...onTarget, ...images);
      for (const [line, expected] of Object.entries(answers)) {
        const [method = '', path = ''] = line.split(' ');
        const { status, body } = await request({
          url: `http://localhost${path}`,
          address: `${engine.address}:80`,
          method,
        });
        expect({ status, body: JSON.parse(body) as unknown }, line).toEqual({ status: 200, body: expected });
      }
    });
  });
});

/** A folder with the project, in which this checkout is installed. */
function copyOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(import.meta.dirname, '../fixtures/projects', name), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const [module, place] of [
    ['asgi-synth', CHECKOUT],
    ['constructs', join(CHECKOUT, 'node_modules/constructs')],
  ] as const)
    symlinkSync(place, join(folder, 'node_modules', module));
  return folder;
}
