import { RolloutFailure } from '../cause.js';
import type { Rollout } from '../deployer.js';
import type { Docker } from '../docker.js';
import type { JobPlan } from '../plan.js';
import type { Report } from '../report.js';
import { Compose } from './compose.js';
import { isRunning, projectContainers, type Container } from './containers.js';
import { fetchImages } from './images.js';
import { tellingLines } from './judge.js';
import type { Site } from './roll.js';
import { nginxConfOf, servicesOf, withNginxConf } from './services.js';
import { untilHealthy, type Watch } from './watch.js';

/** Runs a job in a container of its own, which is gone when this returns: Compose counts it to no service. */
export async function runJob(site: Site, rollout: Rollout, job: JobPlan, report: Report): Promise<void> {
  const { docker } = site;
  const { plan, files, previous, signal } = rollout;
  const place = site.placeOf(rollout);
  const nginxConf = previous && nginxConfOf(previous.files);
  // What serves may start again meanwhile, and must find its own configuration.
  await place.write(nginxConf === undefined ? files : withNginxConf(files, nginxConf));
  const needed = [job.id, ...(plan.databases ?? []).map(({ id }) => id)];
  const services = servicesOf(files, plan).filter(({ name }) => needed.includes(name));
  await fetchImages(docker, services, { report, signal });
  const compose = new Compose(docker, { name: plan.name, directory: place.directory, file: place.composeFile });
  await startDatabases(compose, { docker, plan, report, signal });
  const container = jobContainer(plan.name, job.id);
  await end(docker, container, job);
  try {
    const lines: string[] = [];
    const words = ['--progress', 'quiet', 'run', '--name', container, '--no-deps', '--no-TTY', job.id];
    const { exitCode } = await compose.attempt(words, { signal, onLine: (line) => void lines.push(line) });
    signal.throwIfAborted();
    if (exitCode !== 0) throw await failureOf(docker, { job, container, exitCode, lines });
  } finally {
    await end(docker, container, job);
  }
}

/** A job of the first release finds the databases of the stack; those that are there are left for the rest of the deployment. */
async function startDatabases(compose: Compose, watch: Watch): Promise<void> {
  const { docker, plan, report, signal } = watch;
  const names = (plan.databases ?? []).map(({ id }) => id);
  if (names.length === 0) return;
  const missing = names.filter(isMissingFrom(await projectContainers(docker, plan.name)));
  if (missing.length === 0) return;
  report.step(`${missing.join(', ')}: starting`);
  await compose.start(new Map(missing.map((name) => [name, 1])), { signal });
  const started = (await projectContainers(docker, plan.name)).filter(({ service }) => missing.includes(service));
  await untilHealthy(
    started.map(({ id }) => id),
    watch,
  );
}

function isMissingFrom(containers: readonly Container[]): (name: string) => boolean {
  return (name) => !containers.some((container) => container.service === name && isRunning(container));
}

/** No service has a `_` in its name, so that this is no container of one. */
export function jobContainer(name: string, id: string): string {
  return `${name}_${id}`;
}

/** Stops what runs, in its own time. */
async function end(docker: Docker, container: string, { stopGrace }: JobPlan): Promise<void> {
  await docker.attempt(['stop', '--time', String(stopGrace), container]);
  await docker.attempt(['rm', '--force', '--volumes', container]);
}

interface Ended {
  readonly job: JobPlan;
  readonly container: string;
  readonly exitCode: number;
  readonly lines: readonly string[];
}

async function failureOf(docker: Docker, { job, container, exitCode, lines }: Ended): Promise<RolloutFailure> {
  const { stdout } = await docker.attempt(['inspect', '--format', '{{.State.OOMKilled}}', container]);
  const detail = stdout.trim() === 'true' ? 'out of memory' : `exit code ${exitCode}`;
  return new RolloutFailure('migration-failed', detail, { app: job.id, logs: tellingLines(lines) });
}
