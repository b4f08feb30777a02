import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../harness/certificate.js';
import { dockerEngine, type DockerEngine } from '../harness/engines.js';
import { run } from '../harness/process.js';
import { isAccepted } from './accepted.js';

/** The last three minors of Kubernetes. */
const MINORS = ['1.35', '1.36', '1.37'];

const root = join(import.meta.dirname, '../..');
const stacks = readdirSync(join(root, 'stacks')).map((file) => file.replace(/\.ts$/, ''));
const out = mkdtempSync(join(tmpdir(), 'asgi-synth-judges-'));
/** What an operator has given nginx. */
const secrets = join(out, 'secrets');
/** What is there before an nginx starts whose certificate comes while it runs. */
const taken = join(out, 'taken');

let engine: DockerEngine;

beforeAll(async () => {
  engine = await dockerEngine();
  const { certificate, key } = selfSigned('shop.example.com');
  mkdirSync(secrets);
  writeFileSync(join(secrets, 'tls_certificate'), certificate);
  writeFileSync(join(secrets, 'tls_key'), key);
  mkdirSync(taken);
  writeFileSync(join(taken, 'certificate.conf'), 'ssl_reject_handshake on;\n');
  for (const stack of stacks) {
    await run(
      'node',
      ['bin/synth.mjs', '--stack', `stacks/${stack}.ts`, '--target', 'all', '--out', join(out, stack)],
      { cwd: root },
    );
  }
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

const judge = (command: string, args: readonly string[], cwd: string, check = true) =>
  run(command, args, { cwd, check, env: engine.env, timeoutSeconds: 280 });

describe.each(stacks)('the output of stacks/%s.ts', (stack) => {
  const folder = (target: string) => join(out, stack, target);
  const dockerfiles = (target: string) => find(folder(target), /\/Dockerfile$/);

  test('is a Compose file that docker compose takes without a warning', async () => {
    const { stderr } = await judge(
      'docker',
      ['compose', '-f', 'compose.yaml', 'config', '--quiet'],
      folder('bare-metal'),
    );
    expect(stderr).toBe('');
  });

  test('is a stack file that docker stack takes without a warning', async () => {
    const { stderr } = await judge('docker', ['stack', 'config', '--compose-file', 'stack.yaml'], folder('swarm'));
    expect(stderr).toBe('');
  });

  test.each(['bare-metal', 'swarm'])(
    'is an nginx configuration that nginx takes without a warning on %s',
    async (target) => {
      const mounts = [
        `${folder(target)}/nginx:/etc/asgi-synth/nginx:ro`,
        `${secrets}:/run/secrets:ro`,
        `${taken}:/tmp/asgi-synth-tls:ro`,
      ];
      const command = ['nginx', '-t', '-e', 'stderr', '-p', '/etc/nginx/', '-c', '/etc/asgi-synth/nginx/nginx.conf'];
      const { stderr } = await judge(
        'docker',
        [
          'run',
          '--rm',
          ...mounts.flatMap((mount) => ['--volume', mount]),
          '--entrypoint',
          command[0]!,
          engine.images.nginx,
          ...command.slice(1),
        ],
        out,
      );
      expect(stderr).toMatch(/syntax is ok/);
      expect(stderr).not.toMatch(/\[(warn|emerg|alert|error)\]/);
    },
  );

  test.each(['bare-metal', 'swarm'])(
    'answers with files by an nginx that takes its configuration on %s',
    async (target) => {
      for (const file of find(folder(target), /-static\/nginx\.conf$/)) {
        const command = ['-t', '-e', 'stderr', '-p', '/etc/nginx/', '-c', '/etc/asgi-synth/nginx/nginx.conf'];
        const mount = `${file}:/etc/asgi-synth/nginx/nginx.conf:ro`;
        const { stderr } = await judge(
          'docker',
          ['run', '--rm', '--volume', mount, '--entrypoint', 'nginx', engine.images.nginx, ...command],
          out,
        );
        expect(stderr).toMatch(/syntax is ok/);
        expect(stderr).not.toMatch(/\[(warn|emerg|alert|error)\]/);
      }
    },
  );

  test('is a kustomization', async () => {
    const { stdout, stderr } = await judge('kubectl', ['kustomize', '.'], folder('kubernetes'));
    expect(stdout).toMatch(/kind: Deployment/);
    expect(stderr).toBe('');
  });

  test.each(MINORS)('is valid for Kubernetes %s, with no unknown field', async (minor) => {
    const { stdout } = await judge('kubectl', ['kustomize', '.'], folder('kubernetes'));
    const { stdout: verdict } = await run('kubernetes-validate', ['-k', minor, '--strict', '-'], {
      env: engine.env,
      input: stdout,
      check: false,
    });
    expect(verdict.split('\n').filter((line) => /ERROR|error/.test(line))).toEqual([]);
  });

  test.each(['bare-metal', 'swarm', 'kubernetes'])(
    'has Dockerfiles with no finding of hadolint on %s',
    async (target) => {
      const files = dockerfiles(target);
      expect(files.length).toBeGreaterThan(0);
      const { stdout } = await judge(
        'hadolint',
        ['--no-fail', '--failure-threshold', 'style', '--format', 'json', ...files],
        out,
      );
      const findings = (JSON.parse(stdout) as { code: string; line: number; message: string }[]).filter(
        ({ code }) => !isAccepted('hadolint', code),
      );
      expect(findings).toEqual([]);
    },
  );

  test('has no finding of kube-score', async () => {
    const { stdout } = await judge('kubectl', ['kustomize', '.'], folder('kubernetes'));
    const { stdout: verdict } = await run(
      'kube-score',
      ['score', '--kubernetes-version', 'v1.35', '--output-format', 'json', '-'],
      { env: engine.env, input: stdout, check: false },
    );
    const objects = JSON.parse(verdict) as {
      object_name: string;
      checks: { check: { id: string }; grade: number; skipped: boolean; comments: unknown }[];
    }[];
    const findings = objects.flatMap(({ object_name: object, checks }) =>
      checks
        .filter(({ check, grade, skipped }) => !skipped && grade < 7 && !isAccepted('kube-score', check.id, object))
        .map(({ check, comments }) => ({ object, id: check.id, comments })),
    );
    expect(objects.length).toBeGreaterThan(3);
    expect(findings).toEqual([]);
  });

  test('has no finding of checkov', async () => {
    const { stdout } = await judge(
      'checkov',
      [
        '--directory',
        join(out, stack),
        '--framework',
        'kubernetes',
        'dockerfile',
        'secrets',
        '--skip-download',
        '--compact',
        '--quiet',
        '--output',
        'json',
      ],
      out,
      false,
    );
    const parsed: unknown = JSON.parse(stdout);
    const reports = (Array.isArray(parsed) ? parsed : [parsed]) as {
      results?: { failed_checks: { check_id: string; resource: string; file_path: string }[] };
      summary?: { passed: number };
    }[];
    const findings = reports
      .flatMap(({ results }) => results?.failed_checks ?? [])
      .filter(({ check_id: id, resource }) => !isAccepted('checkov', id, resource))
      .map(({ check_id: id, resource, file_path: file }) => `${id} ${resource} ${file}`);
    expect(findings).toEqual([]);
    expect(reports.reduce((sum, { summary }) => sum + (summary?.passed ?? 0), 0)).toBeGreaterThan(50);
  });
});

test('the scripts of the project have no finding of shellcheck', async () => {
  const scripts = readdirSync(join(root, 'test/harness/engines')).filter((name) => name.endsWith('.sh'));
  const { stdout } = await judge(
    'shellcheck',
    [
      '--external-sources',
      ...scripts.map((name) => join(root, 'test/harness/engines', name)),
      join(root, 'test/run.sh'),
      join(root, '.ci/run'),
    ],
    root,
  );
  expect(stdout).toBe('');
});

function find(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => pattern.test(path) && readFileSync(path, 'utf8') !== '');
}
