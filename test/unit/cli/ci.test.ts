import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { githubWorkflow } from '../../../src/cli/ci/github.js';
import { gitlabPipeline } from '../../../src/cli/ci/gitlab.js';
import { pipelineFile } from '../../../src/cli/ci/pipeline.js';
import type { PipelineRequest } from '../../../src/cli/ci/request.js';
import { pipelineText, withoutExpressions, workflowText } from '../../../src/formats/pipeline.js';
import { run, runCli } from '../support/cli.js';
import { makeProject, type Project } from '../support/project.js';
import { LAYOUTS } from './layouts.js';
import { transcript } from './transcript.js';

const STACK = `import { AsgiApp, Postgres, Secret, Stack } from 'asgi-synth';

const stack = new Stack('shop', { registry: 'ghcr.io/acme' });
const db = new Postgres(stack, 'db', { version: '18' });
new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  secrets: [new Secret(stack, 'api_token'), new Secret(stack, 'from_file', { file: './token' })],
  connections: { DATABASE_URL: db },
});
export default stack;
`;
const HEAD = { '.git/HEAD': 'ref: refs/heads/master\n' };
const PROJECT = { 'package.json': '{}', 'stacks/shop.ts': STACK, ...HEAD };
const FILES = { github: '.github/workflows/deploy.yml', gitlab: '.gitlab-ci.yml' } as const;

describe('synth init --ci', () => {
  test.each(
    ['github', 'gitlab'].flatMap((system) => ['bare-metal', 'swarm', 'kubernetes'].map((target) => [system, target])),
  )('adds a pipeline to a stack that is there: %s, %s', async (system, target) => {
    using project = makeProject(PROJECT);
    const result = await runCli(project.directory, 'init', '--ci', system, '--target', target);
    await expect(transcript(project, result)).toMatchFileSnapshot(`expected/ci-${system}-${target}.txt`);
  });

  test.each(['github', 'gitlab'] as const)(
    'leaves a pipeline alone that is there, and shows what would differ: %s',
    async (system) => {
      const files = { ...PROJECT, [FILES[system]]: 'name: mine\n' };
      using project = makeProject(files);
      const before = project.contents();
      const { code, stdout, stderr } = await runCli(project.directory, 'init', '--ci', system);
      expect({ code, stdout, after: project.contents() }).toEqual({ code: 0, stdout: '', after: before });
      expect(stderr).toContain('-name: mine\n');
      expect(stderr).toContain(
        `${FILES[system]} is there already and stays as it is; above is what would have been written: `,
      );
    },
  );

  test('says of one that is as it would be written that it is', async () => {
    using project = makeProject(PROJECT);
    await runCli(project.directory, 'init', '--ci', 'github');
    const { stdout, stderr } = await runCli(project.directory, 'init', '--ci', 'github');
    expect(stdout).toBe('');
    expect(stderr).toContain('.github/workflows/deploy.yml is there already, as it would be written\n');
  });

  test('writes it beside a stack that it writes, of an application and of a Compose file', async () => {
    using project = makeProject(LAYOUTS['alembic, Postgres and Celery']!);
    const { code, stdout } = await runCli(project.directory, 'init', '--yes', '--ci', 'github');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `stacks/project.ts\n.env.example\n.gitignore\n${FILES.github}\n`,
    });
    const workflow = parse(project.contents()[FILES.github] ?? '') as {
      jobs: { deploy: { steps: { name?: string; env?: object }[] } };
    };
    const step = workflow.jobs.deploy.steps.find(({ name }) => name === 'Deploy');
    expect(Object.keys(step?.env ?? {})).toEqual(['DOCKER_HOST', 'DB_PASSWORD', 'CACHE_PASSWORD', 'JWT_SECRET']);
    using other = makeProject({
      ...LAYOUTS['plain main.py with requirements.txt'],
      'compose.yaml': 'services:\n  api: {build: ., command: uvicorn main:app}\n',
    });
    const made = await runCli(
      other.directory,
      'init',
      '--yes',
      '--from',
      'compose.yaml',
      '--ci',
      'gitlab',
      '--target',
      'swarm',
    );
    expect(made).toMatchObject({ code: 0, stdout: 'stacks/project.ts\npackage.json\n.gitignore\n.gitlab-ci.yml\n' });
  });

  test('as JSON says what has to be set up, and holds the text of what it did not write', async () => {
    using project = makeProject({ ...PROJECT, '.gitlab-ci.yml': 'a: 1\n' });
    const { stdout, stderr } = await runCli(project.directory, 'init', '--ci', 'gitlab', '--json');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      stack: 'shop',
      target: 'bare-metal',
      written: [],
      pipeline: {
        path: '.gitlab-ci.yml',
        kept: true,
        content: expect.stringContaining('resource_group: "deploy-shop"'),
      },
    });
  });

  test('of another system, or of all targets, says what there is', async () => {
    using project = makeProject(PROJECT);
    expect(await runCli(project.directory, 'init', '--ci', 'jenkins')).toMatchObject({
      code: 2,
      stderr: 'unknown ci "jenkins"; known are github, gitlab\n',
    });
    expect(await runCli(project.directory, 'init', '--ci', 'github', '--target', 'all')).toMatchObject({
      code: 2,
      stderr: 'synth init --ci takes one target at a time; choose one of bare-metal, swarm, kubernetes\n',
    });
  });

  test('in a folder of a repository runs there, and says where the file belongs', async () => {
    using project = makeProject({ ...HEAD, 'back end/package.json': '{}', 'back end/stacks/shop.ts': STACK });
    const { code, stderr } = await runCli(`${project.directory}/back end`, 'init', '--ci', 'github');
    expect(code).toBe(0);
    expect(stderr).toContain(
      'at the root of the repository: this file, since it is read there alone; move it, or include it there\n',
    );
    const workflow = parse(project.contents()['back end/.github/workflows/deploy.yml'] ?? '') as {
      jobs: { deploy: { defaults: { run: unknown } } };
    };
    expect(workflow.jobs.deploy.defaults.run).toEqual({ shell: 'bash', 'working-directory': 'back end' });
  });
});

describe.each(['github', 'gitlab'] as const)('a pipeline of %s', (system) => {
  test.each(['bare-metal', 'swarm', 'kubernetes'] as const)(
    'runs the command of the project alone, never a package of its name: %s',
    (target) => {
      const commands = pipelineFile(system, { ...REQUEST, target }, () => undefined).content.match(/\bnpx .*/g);
      expect(commands).toHaveLength(4);
      commands?.forEach((command) => expect(command).toMatch(/^npx --no -- synth (build|diff|deploy|verify) /));
    },
  );

  test('ends before it builds where it is not said what to deploy to: else that would be the engine of the job', async () => {
    using project = makeProject({ key: 'key', hosts: 'host' });
    const { code, stderr } = await letIn(project, system, { DEPLOY_HOST: '' });
    expect(code).not.toBe(0);
    expect(stderr).toContain('DEPLOY_HOST: is not set');
    expect(Object.keys(project.contents())).toEqual(['hosts', 'key']);
  });

  test('lets a key in that lost its last line break, or has those of Windows', async () => {
    using project = makeProject({ key: 'first\r\nlast', hosts: 'host' });
    expect(await letIn(project, system, {})).toMatchObject({ code: 0, stderr: '' });
    expect(project.contents()['.ssh/id_ed25519']).toBe('first\nlast\n');
  });
});

const REQUEST: PipelineRequest = {
  name: 'shop',
  file: 'stack.ts',
  target: 'bare-metal',
  secrets: [],
  registry: undefined,
  branch: 'main',
  folder: '.',
};

/** Runs what lets a job into the server, in a home of its own: the variables of GitHub hold values, those of GitLab paths of files. */
function letIn(project: Project, system: 'github' | 'gitlab', env: Readonly<Record<string, string>>) {
  const { content } = pipelineFile(system, REQUEST, () => undefined);
  const scripts =
    system === 'github'
      ? (parse(content) as Workflow).jobs.deploy.steps.flatMap(({ run: script = '' }) => script.split('\n'))
      : (parse(content) as { deploy: { before_script: string[] } }).deploy.before_script;
  const lines = scripts.filter((line) => !/^(apk|npm|npx) /.test(line));
  const given = (file: string) => (system === 'github' ? project.contents()[file]! : join(project.directory, file));
  return run(project.directory, ['sh', '-ec', lines.join('\n')], {
    ...process.env,
    HOME: project.directory,
    DEPLOY_HOST: 'ssh://deploy@shop.example.com',
    SSH_PRIVATE_KEY: given('key'),
    SSH_KNOWN_HOSTS: given('hosts'),
    ...env,
  });
}

interface Workflow {
  readonly jobs: { readonly deploy: { readonly steps: readonly { readonly run?: string }[] } };
}

const text = fc.string({ unit: 'grapheme', maxLength: 30 });

describe('values in a pipeline', () => {
  test('are read back as they are, by YAML', () => {
    fc.assert(fc.property(text, (value) => parse(pipelineText(value)) === value));
  });

  test('open no expression of GitHub Actions', () => {
    const hostile = fc
      .array(fc.constantFrom('${{', '$', '{', '{{', ' secrets.A }}', 'x', "'"), { maxLength: 8 })
      .map((all) => all.join(''));
    const literal = "${{ '${{' }}";
    fc.assert(
      fc.property(hostile, (value) => {
        const parts = withoutExpressions(value).split(literal);
        expect(parts.filter((part) => part.includes('${{'))).toEqual([]);
        expect(parts.join('${{')).toBe(value);
      }),
    );
    expect(workflowText('${{ secrets.A }}')).toBe(`"\${{ '\${{' }} secrets.A }}"`);
  });

  test('of any spelling leave its shape as it is', () => {
    const request = (value: string): PipelineRequest => ({
      name: value,
      file: `stacks/${value}.ts`,
      target: 'swarm',
      secrets: ['A'],
      registry: 'ghcr.io/acme',
      branch: value,
      folder: value === '' ? '.' : value,
    });
    const shape = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shape)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
          : typeof value;
    const line = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value) && value !== '.');
    const [github, gitlab] = [githubWorkflow, gitlabPipeline].map((write) =>
      JSON.stringify(shape(parse(write(request('x'))))),
    );
    fc.assert(
      fc.property(line, (value) => {
        expect(JSON.stringify(shape(parse(githubWorkflow(request(value)))))).toBe(github);
        expect(JSON.stringify(shape(parse(gitlabPipeline(request(value)))))).toBe(gitlab);
      }),
      { numRuns: 30 },
    );
  });
});
