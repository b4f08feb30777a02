import { composeFile, type BackgroundService, type ComposeFile } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import {
  appSecretsOf,
  configFilesOf,
  jobsOf,
  schedulesOf,
  staticId,
  volumesOf,
  withStatic,
  workersOf,
} from '../../model/tree.js';
import type { Volume } from '../../model/volume.js';
import { configKey, configPath } from '../config-files.js';
import { ACME } from '../acme.js';
import { fromOutput, type Context } from '../context.js';
import { dockerAcme, existingNetwork, hasOwnEdge } from '../edge.js';
import { allMountedLogging } from '../observability.js';
import { patchedFile } from '../patched-file.js';
import { acmeService, acmeVolume } from './acme.js';
import { appService, buildSecret, isBuiltByCompose } from './app.js';
import { databaseService } from './database.js';
import { edgeService } from './edge.js';
import { gunicornPath, hasGunicorn } from './gunicorn.js';
import { jobService } from './job.js';
import { COMPOSE_RULES } from './rules.js';
import { scheduleService, scheduleVolume } from './schedule.js';
import { isStaticBuiltByCompose, staticConfigs, staticService } from './static.js';
import { workerService } from './worker.js';

/** `compose.yaml`: the whole deployment on one host. */
export function composeYaml(context: Context): string {
  const { stack, name } = context;
  const file = {
    name,
    services: services(context),
    networks: networks(context),
    volumes: volumes(context),
    configs: configs(context),
    secrets: secrets(context),
  } satisfies ComposeFile<BackgroundService>;
  return composeFile(patchedFile(stack, file, COMPOSE_RULES), context.header);
}

function services(context: Context): ComposeFile<BackgroundService>['services'] {
  const { stack } = context;
  const acme = dockerAcme(stack);
  return {
    ...Object.fromEntries(stack.databases.map((one) => [one.node.id, databaseService(one, context)])),
    ...Object.fromEntries(stack.apps.map((app) => [app.node.id, appService(app, context)])),
    ...Object.fromEntries(withStatic(stack).map((app) => [staticId(app), staticService(app, context)])),
    ...Object.fromEntries(workersOf(stack).map((worker) => [worker.node.id, workerService(worker, context)])),
    ...Object.fromEntries(jobsOf(stack).map((job) => [job.node.id, jobService(job, context)])),
    ...Object.fromEntries(schedulesOf(stack).map((one) => [one.node.id, scheduleService(one, context)])),
    ...(acme ? { [ACME]: acmeService(acme, context) } : {}),
    ...(hasOwnEdge(stack) ? { nginx: edgeService(context) } : {}),
  };
}

function networks({ stack }: Context): ComposeFile['networks'] {
  const network = existingNetwork(stack);
  return { default: null, ...(network === undefined ? {} : { edge: { name: network, external: true } }) };
}

function volumes(context: Context): NonNullable<ComposeFile['volumes']> {
  const { stack } = context;
  return {
    ...Object.fromEntries(volumesOf(stack).map((volume) => [volume.node.id, volumeEntry(volume, context)])),
    ...Object.fromEntries(schedulesOf(stack).map((one) => [one.node.id, scheduleVolume(one, context)])),
    ...(dockerAcme(stack) ? { [ACME]: acmeVolume(context) } : {}),
  };
}

function volumeEntry({ node, driver, driverOptions }: Volume, { name, stack }: Context): object {
  return {
    name: `${name}_${node.id}`,
    driver: driver ?? 'local',
    driver_opts: driverOptions,
    labels: { ...stack.labels, 'asgi-synth.stack': name },
  };
}

function configs({ stack }: Context): NonNullable<ComposeFile['configs']> {
  return {
    start: { file: './runtime/start.py' },
    health: { file: './runtime/health.py' },
    ...(schedulesOf(stack).length === 0 ? {} : { schedule: { file: './runtime/schedule.py' } }),
    ...(dockerAcme(stack) ? { [ACME]: { file: './runtime/acme.py' }, edge: { file: './runtime/edge.sh' } } : {}),
    ...Object.fromEntries(
      stack.apps.filter(hasGunicorn).map((app) => [`${app.node.id}-gunicorn`, { file: `./${gunicornPath(app)}` }]),
    ),
    ...Object.fromEntries(allMountedLogging(stack).map(({ key, path }) => [key, { file: `./${path}` }])),
    ...staticConfigs(stack),
    ...Object.fromEntries(configFilesOf(stack).map((file) => [configKey(file), { file: `./${configPath(file)}` }])),
  };
}

/** Every secret that a container or a build gets. */
export function secrets(context: Context): NonNullable<ComposeFile['secrets']> {
  const { stack } = context;
  const running = appSecretsOf(stack).map(({ node }) => [node.id, { file: `./secrets/${node.id}` }] as const);
  const building = stack.apps
    .filter((app) => isBuiltByCompose(app, context) || isStaticBuiltByCompose(app, context))
    .flatMap((app) => buildSecrets(app, context));
  return Object.fromEntries([...running, ...building]);
}

/** Values for builds alone come from where the user said; no container sees them. Each app may have another one of the same name. */
function buildSecrets(app: AsgiApp, context: Context) {
  return Object.entries(app.build.secrets ?? {}).map(([id, { environment, file }]) => {
    const entry = file === undefined ? { environment: environment ?? id } : { file: fromOutput(file, context) };
    return [buildSecret(app, id), entry] as const;
  });
}
