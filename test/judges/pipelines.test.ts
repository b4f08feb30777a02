import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { pipelineFile } from '../../src/cli/ci/pipeline.js';
import type { PipelineRequest, System } from '../../src/cli/ci/request.js';
import { targets } from '../../src/index.js';
import { dockerEngine } from '../harness/engines.js';
import { run } from '../harness/process.js';

const root = mkdtempSync(join(tmpdir(), 'asgi-synth-pipelines-'));
let env: Readonly<Record<string, string | undefined>>;

beforeAll(async () => {
  ({ env } = await dockerEngine());
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const PLAIN = { name: 'shop', file: 'stacks/shop.ts', branch: 'main', folder: '.', secrets: [], registry: undefined };
const HOSTILE = {
  name: 'shop',
  file: 'stacks/it\'s ${{ secrets.A }} "$(id)".ts',
  branch: 'master',
  folder: 'back end',
  secrets: ['DB_PASSWORD', 'JWT_SECRET'],
  registry: 'registry.example.com:5000/shop',
};

/** Every pipeline that is judged: of each target, plain and with values that mean something to a shell, to YAML or to Actions. */
const PIPELINES = targets.flatMap(({ name: target }) =>
  [PLAIN, HOSTILE].map((rest): readonly [string, PipelineRequest] => [
    `${target}, ${rest === PLAIN ? 'plain' : 'hostile'}`,
    { ...rest, target: target as PipelineRequest['target'] },
  ]),
);

/** Writes a pipeline into a folder of its own. */
function written(system: System, title: string, request: PipelineRequest): string {
  const { path, content } = pipelineFile(system, request, () => undefined);
  const file = join(root, title.replaceAll(/\W+/g, '-'), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe('a pipeline that synth init --ci writes', () => {
  test.each(PIPELINES)('has no finding of actionlint, which asks shellcheck as well: %s', async (title, request) => {
    // SC2016 asks whether a dollar between single quotes is meant: that of a file's name is.
    await run('actionlint', ['-no-color', '-ignore', 'SC2016', written('github', title, request)], { env });
  });

  test.each(PIPELINES)('is what the schemas of GitHub and GitLab take: %s', async (title, request) => {
    for (const [system, schema] of [
      ['github', 'vendor.github-workflows'],
      ['gitlab', 'vendor.gitlab-ci'],
    ] as const)
      await run('check-jsonschema', ['--builtin-schema', schema, written(system, title, request)], { env });
  });
});
