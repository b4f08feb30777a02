import { expect, test } from 'vitest';
import { FirstRun } from '../harness/running/first-run.js';
import { canary } from '../harness/running/project.js';

const VALUES = { POSTGRES_PASSWORD: canary(), JWT_SECRET: canary(), REDIS_PASSWORD: canary() };

test(
  'what a Compose file runs, runs on one server after `synth import`, given the secrets that it names',
  {
    timeout: 10 * 60_000,
  },
  async () => {
    const project = new FirstRun('compose/shop', VALUES);
    const { left, toDo, standIns, secrets } = await project.synth('import', 'compose.yaml');
    expect({ toDo, standIns, secrets }).toEqual({ toDo: [], standIns: [], secrets: Object.keys(VALUES) });
    expect((left as readonly { readonly kind: string }[]).filter(({ kind }) => kind !== 'ours')).toEqual([]);
    await project.deployAndAsk({
      'GET /items': { items: 0 },
      'POST /items': { items: 1 },
      // The worker counts them as well, and answers through Redis.
      'GET /counted': { items: 1 },
    });
  },
);
