import { composeFile, type BackgroundService, type ComposeFile } from '../../formats/compose.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Job } from '../../model/job.js';
import { filesOf, jobsOf, mountsOf } from '../../model/tree.js';
import { configKey, configPath, fileText } from '../config-files.js';
import { limitedShim, ownerLabels } from '../containers.js';
import { contentHash, type Context } from '../context.js';
import { patchedService } from '../patched-file.js';
import type { OutputFile } from '../target.js';
import { STACK_RULES } from './rules.js';
import { networkName, secretEntry, volumeEntry } from './stack-file.js';
import { taskService } from './task.js';

/** Name of the service that a job is, in a stack of its own. */
export const JOB_SERVICE = 'job';

/** A file for each job: in that of the stack it would run at the same time as the new version. */
export function jobFiles(context: Context): OutputFile[] {
  return jobsOf(context.stack).map((job) => ({ path: jobPath(job.node.id), content: jobFile(job, context) }));
}

export function jobPath(id: string): string {
  return `jobs/${id}.yaml`;
}

/** The stack in which a job runs. No deployed name has a `_`, so that this is nobody else's. */
export function jobStack(name: string, id: string): string {
  return `${name}_${id}`;
}

function jobFile(job: Job, context: Context): string {
  const volumes = mountsOf(job).map(({ volume }) => volume);
  const file = {
    services: { [JOB_SERVICE]: patchedService(job, jobService(job, context), STACK_RULES) },
    networks: { default: { name: networkName(context), external: true } },
    volumes: Object.fromEntries(volumes.map((volume) => [volume.node.id, volumeEntry(volume, context)])),
    configs: configs(job, context),
    secrets: Object.fromEntries(job.secrets.map((secret) => [secret.node.id, secretEntry(secret, context)])),
  } satisfies ComposeFile<object>;
  return composeFile(file, context.header);
}

/** The configs of its own stack, which go with it. */
function configs(job: Job, context: Context): NonNullable<ComposeFile['configs']> {
  const { name } = context;
  const entry = (path: string, named: string) => ({
    name: `${jobStack(name, job.node.id)}_${contentHash(named)}`,
    file: `../${path}`,
    labels: ownerLabels(name),
  });
  return {
    start: entry('runtime/start.py', START_SCRIPT),
    // Two files may have one text.
    ...Object.fromEntries(
      filesOf(job).map(({ file }) => [
        configKey(file),
        entry(configPath(file), [configKey(file), fileText(file, context)].join('\0')),
      ]),
    ),
  };
}

function jobService(job: Job, context: Context): BackgroundService {
  const { image, deploy, ...task } = taskService(job, context);
  return {
    image,
    entrypoint: limitedShim(job),
    ...task,
    healthcheck: { disable: true },
    deploy: { mode: 'replicated-job', ...deploy, restart_policy: { condition: 'none' } },
  };
}
