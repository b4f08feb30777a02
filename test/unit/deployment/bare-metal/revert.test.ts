import { expect, test } from 'vitest';
import type { Place } from '../../../../src/deployment/bare-metal/place.js';
import { revert, type Before } from '../../../../src/deployment/bare-metal/roll.js';
import type { Rollout } from '../../../../src/deployment/deployer.js';
import type { Plan } from '../../../../src/deployment/plan.js';
import { SILENT } from '../../../../src/deployment/report.js';
import { FakeCommands } from '../../support/commands.js';
import { inspected, plan } from './support.js';

const API = inspected();
const ILL = inspected({ health: 'unhealthy' });
const NGINX = inspected({ service: 'nginx' });
const NEW = inspected();
const PLAN = plan();
const { edge: _, ...WITHOUT_EDGE } = PLAN;

/** Takes the first release of synth back where these containers run. */
async function revertWith(containers: readonly (typeof API)[], of: Plan, was?: Before) {
  let there = containers;
  const commands = new FakeCommands((words) => {
    if (words.startsWith('rm ')) there = there.filter(({ Id }) => !words.includes(Id));
    if (words.startsWith('ps ')) return there.map(({ Id }) => Id).join('\n');
    return words.startsWith('container inspect') ? JSON.stringify(there) : '';
  });
  const place = { directory: '/srv/shop', secrets: { restore: () => Promise.resolve() } } as unknown as Place;
  const rollout = { plan: of, directory: '/srv/shop', previous: undefined } as unknown as Rollout;
  const serves = await revert({ docker: commands.docker, placeOf: () => place }, rollout, was, SILENT);
  return { serves, left: there };
}

const before = (...containers: readonly (typeof API)[]): Before => ({
  containers: new Set(containers.map(({ Id }) => Id)),
  volumes: new Set(),
  networks: new Set(),
});

test('what was started without synth serves on, whether or not anything was begun', async () => {
  expect(await revertWith([API, NGINX], PLAN)).toEqual({ serves: true, left: [API, NGINX] });
  expect(await revertWith([API, NEW], WITHOUT_EDGE, before(API))).toEqual({ serves: true, left: [API] });
});

test.each([[[]], [[API]], [[NGINX]], [[ILL, NGINX]]])(
  'nothing serves where %# is all that runs',
  async (containers) => {
    expect(await revertWith(containers, PLAN)).toMatchObject({ serves: false });
  },
);

test('nothing serves where what ran is ill', async () => {
  expect(await revertWith([ILL, NEW], WITHOUT_EDGE, before(ILL))).toEqual({ serves: false, left: [ILL] });
});
