import { RolloutFailure } from '../cause.js';
import type { Rollout } from '../deployer.js';
import type { Docker } from '../docker.js';
import type { JobPlan } from '../plan.js';
import type { Report } from '../report.js';
import { Compose } from './compose.js';
import { fetchImages } from './images.js';
import { tellingLines } from './judge.js';
import type { Site } from './roll.js';
import { nginxConfOf, servicesOf, withNginxConf } from './services.js';

/** Runs a job in a container of its own, which is gone when this returns: Compose counts it to no service. */
export async function runJob(site: Site, rollout: Rollout, job: JobPlan, report: Report): Promise<void> {
  const { docker } = site;
  const { plan, files, previous, signal } = rollout;
  const place = site.placeOf(rollout);
  const nginxConf = previous && nginxConfOf(previous.files);
  // What serves may start again meanwhile, and must find its own configuration.
  await place.write(nginxConf === undefined ? files : withNginxConf(files, nginxConf));
  const service = servicesOf(files, plan).filter(({ name }) => name === job.id);
  await fetchImages(docker, service, { report, signal });
  const compose = new Compose(docker, { name: plan.name, directory: place.directory, file: place.composeFile });
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
