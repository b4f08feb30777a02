import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ground } from '../faults/ground.js';
import { startBalancer } from '../harness/balancer.js';
import type { TargetName } from '../../src/targets/index.js';
import { DeployedSite, PAGE } from './deployed-site.js';
import { startVisits } from './visits.js';

/** Requests of each change at least. */
const REQUESTS = 3000;

/** A static file after its change. */
const ANOTHER = "document.title = 'another';\n";

interface Change {
  readonly change: string;
  /** What it is not about, and so must not restart: apps, or nginx. */
  readonly untouched: readonly string[];
  /** What its author does before it is deployed. */
  edit(site: DeployedSite): Promise<void> | void;
  /** Throws where the new content is not what everybody gets. */
  check(site: DeployedSite): Promise<void>;
  /** Pages that visitors have seen on the whole. */
  readonly pages: number;
}

const CHANGES: readonly Change[] = [
  {
    change: 'a changed configuration file',
    untouched: ['site-static', 'nginx'],
    edit: (site) => site.changeTitle('second'),
    async check(site) {
      for (const page of await site.pages()) expect(page).toContain('<title>second</title>');
    },
    pages: 2,
  },
  {
    change: 'a renewed certificate',
    untouched: ['site', 'site-static'],
    edit: (site) => site.renewCertificate(),
    check: async (site) => expect(await site.withOldCertificate(), 'where the old certificate is shown').toEqual([]),
    pages: 1,
  },
  {
    change: 'changed static files',
    untouched: ['nginx'],
    edit: (site) => site.changeAsset(ANOTHER),
    async check(site) {
      const name = createHash('sha256').update(ANOTHER).digest('hex').slice(0, 12);
      for (const page of await site.pages()) expect(page).toContain(`/assets/app.${name}.js`);
    },
    pages: 2,
  },
];

/** Registers every change of content as a test. */
export function changes(target: TargetName, open: () => Promise<Ground>): void {
  describe(`changes of content on ${target}, with at least ${REQUESTS} requests each`, () => {
    let site: DeployedSite;

    beforeAll(async () => {
      site = await DeployedSite.open(await open());
    });

    afterAll(async () => {
      if (site) expect(await site.close(), 'what synth destroy left').toEqual([]);
    });

    for (const one of CHANGES)
      test(one.change, async () => {
        try {
          await tried(site, one);
        } catch (error) {
          if (error instanceof Error) error.message += `\n--- state on ${target}\n${await site.trouble()}`;
          throw error;
        }
      });
  });
}

async function tried(site: DeployedSite, { change, untouched, edit, check, pages }: Change): Promise<void> {
  await edit(site);
  const before = await site.identities(untouched);
  const { visited, seconds } = await whileVisited(site, () => site.deploy());
  const { sent, lost, lastLoss, told } = visited;
  const recovery = Math.max(0, ((lastLoss ?? 0) - visited.began) / 1000);
  const seen = [...visited.pages.values()].join(' + ');
  console.log(
    `${site.ground.target}: ${change}: ${lost} of ${sent} lost, recovery ${recovery.toFixed(1)} s, deployed in ${seconds.toFixed(0)} s, pages of each version ${seen}`,
  );
  expect(lost, told).toBe(0);
  expect(visited.pages.size, `versions of the page: ${[...visited.pages.keys()].join('; ')}`).toBe(pages);
  await check(site);
  expect(await site.identities(untouched), 'what the change is not about').toEqual(before);
}

/** Visits that begin before the deployment and end after it. */
async function whileVisited(site: DeployedSite, deploy: () => Promise<number>) {
  const { http, https } = site.entrances;
  // A port of a node can be held by one container at a time, so that an edge of several nodes has a balancer in front.
  const balancer = site.ground.target === 'swarm' ? await startBalancer(https, http) : undefined;
  const visits = startVisits(site.site(balancer && [balancer.address]), PAGE);
  try {
    const began = Date.now();
    const seconds = await deploy();
    return { visited: { ...(await visits.stop(REQUESTS)), began }, seconds };
  } catch (error) {
    visits.abandon();
    throw error;
  } finally {
    balancer?.close();
  }
}
