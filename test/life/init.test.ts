import { describe, test } from 'vitest';
import { FirstRun, type Answers } from '../harness/running/first-run.js';
import { canary } from '../harness/running/project.js';

/** What each project answers once it runs. */
const PROJECTS: Readonly<Record<string, Answers>> = {
  plain: { 'GET /health': { status: 'ok' } },
  poetry: { 'GET /health': { status: 'ok' } },
  'uv-package': { 'GET /health': { status: 'ok' } },
  'uv-workspace': { 'GET /api/v1/healthz': true },
  factory: { 'GET /mail': { host: 'mail.example.com', password: canary().length } },
  whole: { 'GET /readyz': null, 'GET /items': { items: 0 }, 'POST /add?a=2&b=3': { sum: 5 } },
};

/** Values of every secret that one of them has. */
const SECRETS = Object.fromEntries(
  ['SECRET_KEY', 'SMTP__PASSWORD', 'JWT_SECRET', 'DB_PASSWORD', 'CACHE_PASSWORD'].map((name) => [name, canary()]),
);

describe('a project that knows nothing of us runs on one server after `synth init --yes`, without an edit', () => {
  test.each(Object.entries(PROJECTS))('%s', { timeout: 10 * 60_000 }, async (name, answers) => {
    const project = new FirstRun(`projects/${name}`, SECRETS);
    await project.synth('init', '--yes');
    await project.deployAndAsk(answers);
  });
});
