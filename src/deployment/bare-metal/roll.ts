import { existsSync } from 'node:fs';
import { UserError } from '../../errors.js';
import type { Rollout } from '../deployer.js';
import type { Docker } from '../docker.js';
import type { Release } from '../ledger.js';
import { isAnswering, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { isHealthy, projectContainers, type Container } from './containers.js';
import { converge, dropPins, remove } from './converge.js';
import type { Place } from './place.js';
import { externalNetworks, nginxConfOf } from './services.js';

/** What was there before a rollout began. */
export interface Before {
  readonly containers: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
}

export interface Site {
  readonly docker: Docker;
  /** Where the output of a deployment is mounted from. */
  placeOf(of: Pick<Rollout, 'plan' | 'directory'>): Place;
}

export async function before(docker: Docker, name: string): Promise<Before> {
  const own = ['--quiet', '--filter', `label=com.docker.compose.project=${name}`];
  const containers = await projectContainers(docker, name);
  return {
    containers: new Set(containers.map(({ id }) => id)),
    volumes: new Set(await docker.lines(['volume', 'ls', ...own])),
    networks: new Set(await docker.lines(['network', 'ls', ...own])),
  };
}

export async function roll(site: Site, rollout: Rollout, report: Report): Promise<void> {
  const { docker } = site;
  const { plan, files, previous, signal } = rollout;
  await requireNetworks(docker, rollout);
  await converge({
    ...{ docker, plan, files, report, signal },
    place: site.placeOf(rollout),
    nginxConf: previous && nginxConfOf(previous.files),
    refused: new Set(),
  });
}

async function requireNetworks(docker: Docker, { files, plan }: Rollout): Promise<void> {
  const there = await docker.lines(['network', 'ls', '--format', '{{.Name}}']);
  const missing = externalNetworks(files).filter((network) => !there.includes(network));
  if (missing.length > 0)
    throw new UserError(
      missing.map((network) => ({
        message: `${plan.name} joins the network ${network}, which is not there; start what makes it, or run docker network create ${network}`,
      })),
    );
}

/** Seconds in which the old version must be alone again. */
const GOING_BACK = 300;

/** Takes a rollout back. Says whether anything serves. */
export async function revert(site: Site, rollout: Rollout, was: Before | undefined, report: Report): Promise<boolean> {
  const { docker } = site;
  const { plan, previous } = rollout;
  const place = site.placeOf(rollout);
  await place.secrets.restore();
  const home = previous && homeOf(site, rollout, previous);
  if (home && previous) await home.write(previous.files);
  if (!was) return serves(await projectContainers(docker, plan.name), plan);
  const now = await projectContainers(docker, plan.name);
  const begun = now.filter(({ id }) => !was.containers.has(id));
  if (was.containers.size === 0) {
    await remove(docker, begun);
    await removeWhatCame(docker, plan.name, was);
    return false;
  }
  if (!home || !previous) {
    await remove(docker, begun);
    await dropPins(docker, plan);
    return serves(await projectContainers(docker, plan.name), plan);
  }
  await converge({
    ...{ docker, report, place: home, plan: previous.plan, files: previous.files },
    signal: AbortSignal.timeout(GOING_BACK * 1000),
    nginxConf: undefined,
    refused: new Set(begun.map(({ id }) => id)),
  });
  return true;
}

function serves(containers: readonly Container[], plan: Plan): boolean {
  return isAnswering(
    plan,
    containers.filter(isHealthy).map(({ service }) => service),
  );
}

/** Where the release that serves is mounted from, if that is still there. */
function homeOf(site: Site, rollout: Rollout, previous: Release): Place | undefined {
  const { directory = rollout.directory, plan } = previous;
  const here = site.placeOf({ plan, directory: rollout.directory });
  const there = site.placeOf({ plan, directory });
  if (there.directory === here.directory) return here;
  return existsSync(there.composeFile) ? there : undefined;
}

/** Volumes and networks that the first deployment made. */
async function removeWhatCame(docker: Docker, name: string, was: Before): Promise<void> {
  const now = await before(docker, name);
  for (const network of now.networks) if (!was.networks.has(network)) await docker.attempt(['network', 'rm', network]);
  for (const volume of now.volumes) if (!was.volumes.has(volume)) await docker.attempt(['volume', 'rm', volume]);
}
