import type { OutputFile } from '../../targets/target.js';
import { tellCertificate } from '../acme.js';
import { RolloutFailure } from '../cause.js';
import type { Docker } from '../docker.js';
import { isRight, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { until } from '../wait.js';
import { Compose } from './compose.js';
import { isHealthy, isRunning, projectContainers, type Container } from './containers.js';
import { Edge } from './edge.js';
import { fetchImages } from './images.js';
import { pinTo } from './pin.js';
import type { Place } from './place.js';
import { isRenewed, secretsSince } from './secrets.js';
import { nginxConfOf, servicesOf, withNginxConf } from './services.js';
import { servingOf, startsBeside, sweepOf, type Step } from './sweep.js';
import { untilHealthy } from './watch.js';

/** What a stack is to become. */
export interface Change {
  readonly docker: Docker;
  readonly plan: Plan;
  readonly files: readonly OutputFile[];
  readonly place: Place;
  /** Configuration that nginx has now, if that is known. */
  readonly nginxConf: string | undefined;
  /** Ids of containers that must go, whatever they are. */
  readonly refused: ReadonlySet<string>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** A change under way. */
interface Sweep extends Change {
  readonly compose: Compose;
  readonly steps: readonly Step[];
  readonly orphans: readonly Container[];
  /** The nginx that takes requests now. */
  readonly nginx: Container | undefined;
}

/**
 * Makes a project what its output says: what differs is started beside the old, let in when all of it is healthy, and the old goes
 * when it has finished. From any state, so that it also ends what was begun and takes back what failed.
 */
export async function converge(change: Change): Promise<void> {
  const sweep = await look(change);
  await hold(sweep);
  await clear(sweep);
  await replaceOthers(sweep);
  const serving = await start(sweep);
  const nginx = await switchOver(sweep, serving);
  await checkEdge(sweep, nginx);
  const { docker, plan, place } = sweep;
  await place.secrets.keep();
  await finish(sweep, nginx);
  if (nginx) await tellCertificate(plan, (words) => docker.attempt(['exec', nginx.id, ...words]), sweep);
}

/** The new version serves, whatever happens now: to go back would only cost it. */
async function finish(sweep: Sweep, nginx: Container | undefined): Promise<void> {
  try {
    await drain(sweep, nginx);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    sweep.report.step(
      `${sweep.plan.name}: the new version serves, but not all of the old one is gone: ${why}; deploy again`,
    );
  }
}

async function look(change: Change): Promise<Sweep> {
  const { docker, plan, files, place, refused } = change;
  const services = servicesOf(files, plan);
  const compose = new Compose(docker, { name: plan.name, directory: place.directory, file: place.composeFile });
  const imageIds = await fetchImages(docker, services, change);
  const wanted = {
    services,
    imageIds,
    refused,
    directory: place.directory,
    hashes: await compose.hashes(),
    secretsSince: await secretsSince(plan, place.secrets),
  };
  const containers = await projectContainers(docker, plan.name);
  const nginx = containers.findLast((container) => container.service === 'nginx' && isRunning(container));
  return { ...change, compose, nginx: plan.edge && nginx, ...sweepOf(containers, wanted) };
}

/** Apps that will have, or already have, more than one container. */
function moving({ steps }: Sweep): Step[] {
  return steps.filter((step) => step.service.kind === 'app' && (startsBeside(step) || step.surplus.length > 0));
}

/** Keeps requests where they go now: Docker's DNS tells of a new container as soon as it runs. */
async function hold(sweep: Sweep): Promise<void> {
  const { docker, plan, nginx, nginxConf, files, place } = sweep;
  const pins = nginx ? moving(sweep).flatMap((step) => pinTo(plan, step.service.name, servingOf(step), nginx)) : [];
  const holds = nginx !== undefined && pins.length > 0;
  // The new configuration may not lead to the old version, so it waits for the new one.
  await place.write(holds && nginxConf !== undefined ? withNginxConf(files, nginxConf) : files);
  if (!holds) return;
  const edge = new Edge(docker, nginx.id);
  await edge.pin(pins);
  await edge.reload();
  await edge.settled();
}

/** Compose counts containers that do not run, and would start them. */
async function clear({ docker, steps }: Sweep): Promise<void> {
  const dead = steps
    .filter(({ service }) => service.kind === 'app')
    .flatMap(({ surplus }) =>
      surplus.filter(({ state }) => state.Status !== 'running' && state.Status !== 'restarting'),
    );
  await remove(docker, dead);
}

/** What a patch added runs as Compose runs it: the old one stops first. */
async function replaceOthers(sweep: Sweep): Promise<void> {
  const changed = sweep.steps
    .filter(({ service, keep }) => service.kind === 'other' && keep === undefined)
    .map(({ service }) => service.name);
  if (changed.length === 0) return;
  sweep.report.step(`${changed.join(', ')}: replaced in place`);
  await sweep.compose.replace(changed, sweep);
  const containers = await projectContainers(sweep.docker, sweep.plan.name);
  const ids = containers.filter(({ service }) => changed.includes(service)).map(({ id }) => id);
  await untilHealthy(ids, sweep);
}

/** Starts every app that is not as it should be; the container of each app that is to serve, once all are healthy. */
async function start(sweep: Sweep): Promise<Map<string, Container>> {
  const { docker, plan, compose, steps, report } = sweep;
  const before = new Set((await projectContainers(docker, plan.name)).map(({ id }) => id));
  const beside = steps.filter(startsBeside);
  const scale = new Map(beside.map(({ service, surplus }) => [service.name, surplus.filter(isRunning).length + 1]));
  if (plan.edge && !steps.some(({ service, keep, surplus }) => service.kind === 'edge' && (keep ?? surplus[0])))
    scale.set('nginx', 1);
  if (scale.size > 0) {
    report.step(`${[...scale.keys()].join(', ')}: starting`);
    await compose.start(scale, sweep);
  }
  const published = steps
    .filter(({ service, keep }) => service.kind === 'app' && service.published && keep === undefined)
    .map(({ service }) => service.name);
  if (published.length > 0) {
    report.step(`${published.join(', ')}: replaced in place, since it publishes a port itself`);
    await compose.replace(published, sweep);
  }
  const kept = new Set(steps.flatMap(({ keep }) => (keep ? [keep.id] : [])));
  const now = await projectContainers(docker, plan.name);
  const serving = now.filter(({ id, service }) => kept.has(id) || (!before.has(id) && isService(steps, service)));
  const healthy = await untilHealthy(
    serving.map(({ id }) => id),
    sweep,
    kept,
  );
  return new Map(healthy.map((container) => [container.service, container]));
}

function isService(steps: readonly Step[], name: string): boolean {
  return steps.some(({ service }) => service.name === name);
}

/** Sends requests to the containers that are to serve, and only there. Returns the nginx that does. */
async function switchOver(sweep: Sweep, serving: ReadonlyMap<string, Container>): Promise<Container | undefined> {
  const { docker, place, files, plan, nginxConf, report } = sweep;
  await place.write(files);
  if (!plan.edge) return undefined;
  const before = serving.get('nginx');
  const nginx = before ?? (await replaceEdge(sweep));
  const edge = new Edge(docker, nginx.id);
  const pins = moving(sweep).flatMap((step) => {
    const container = serving.get(step.service.name);
    return step.surplus.length === 0 || !container ? [] : pinTo(plan, step.service.name, [container], nginx);
  });
  const isKept = before !== undefined && before.id === sweep.nginx?.id;
  const renewed = isKept && (await isRenewed(plan, place.secrets, () => edge.began()));
  if (renewed) report.step('nginx: takes over the new certificate');
  const isOld = isKept && (renewed || nginxConf !== nginxConfOf(files));
  if (pins.length > 0) await edge.pin(pins);
  if (pins.length > 0 || isOld) await edge.reload();
  return nginx;
}

async function replaceEdge({ docker, plan, compose, report, signal }: Sweep): Promise<Container> {
  report.step('nginx: replaced in place, its port is closed for a moment');
  await compose.replace(['nginx'], { signal });
  const containers = await projectContainers(docker, plan.name);
  const ids = containers.filter(({ service }) => service === 'nginx').map(({ id }) => id);
  const [nginx] = await untilHealthy(ids.slice(-1), { docker, plan, report, signal });
  if (!nginx) throw new RolloutFailure('crashed-at-start', 'nginx is not there', { app: 'nginx' });
  return nginx;
}

/** Seconds in which nginx must have found an app that is healthy. */
const EDGE_FINDS = 15;

async function checkEdge({ docker, plan, signal }: Sweep, nginx: Container | undefined): Promise<void> {
  if (!nginx) return;
  const edge = new Edge(docker, nginx.id);
  for (const app of plan.apps) {
    const end = Date.now() + EDGE_FINDS * 1000;
    await until(
      async () => {
        const status = await edge.ask(app, plan);
        if (isRight(status, app)) return true;
        if (Date.now() < end) return undefined;
        const what = status === 0 ? 'does not answer' : `answers ${status}`;
        throw new RolloutFailure('unhealthy', `nginx ${what} at ${app.path}`, { app: app.id });
      },
      { signal },
    );
  }
}

/** Lets go what is no longer needed. */
async function drain(sweep: Sweep, nginx: Container | undefined): Promise<void> {
  const { docker, steps, orphans, report } = sweep;
  const edge = nginx && new Edge(docker, nginx.id);
  const surplus = [
    ...steps.filter(({ service }) => service.kind === 'app').flatMap((step) => step.surplus),
    ...orphans,
  ];
  if (surplus.length > 0) {
    await edge?.settled();
    const finishing = new Set(surplus.filter(isHealthy).map(({ service }) => service));
    if (finishing.size > 0) report.step(`${[...finishing].join(', ')}: the old version finishes what it has begun`);
    await remove(docker, surplus);
  }
  if (edge) await unpin(edge);
}

/** Lets nginx send requests to every container of an app again. */
export async function dropPins(docker: Docker, { name, edge }: Plan): Promise<void> {
  const containers = await projectContainers(docker, name);
  const nginx = containers.find((container) => container.service === 'nginx' && isRunning(container));
  if (edge && nginx) await unpin(new Edge(docker, nginx.id));
}

async function unpin(edge: Edge): Promise<void> {
  if (!(await edge.isPinned())) return;
  await edge.addressesKnown();
  await edge.pin([]);
  await edge.reload();
}

/** Stops containers, those that serve in their own time, and removes them. */
export async function remove(docker: Docker, containers: readonly Container[]): Promise<void> {
  await Promise.all(
    containers.map(async (container) => {
      if (isHealthy(container)) await docker.attempt(['stop', '--time', String(container.stopGrace), container.id]);
      await docker.attempt(['rm', '--force', '--volumes', container.id]);
    }),
  );
}
