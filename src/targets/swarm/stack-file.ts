import {
  composeFile,
  Interpolated,
  withoutTemplates,
  type BackgroundService,
  type ComposeFile,
} from '../../formats/compose.js';
import { ACME_SCRIPT, HEALTH_SCRIPT, SCHEDULE_SCRIPT, START_SCRIPT } from '../../formats/python.js';
import type { Secret } from '../../model/secret.js';
import { configFilesOf, schedulesOf, staticId, volumesOf, withStatic, workersOf } from '../../model/tree.js';
import type { Volume } from '../../model/volume.js';
import { configKey, configPath, fileText } from '../config-files.js';
import { ACME } from '../acme.js';
import { contentHash, type Context } from '../context.js';
import { dockerAcme, existingNetwork, hasOwnEdge } from '../edge.js';
import { allMountedLogging } from '../observability.js';
import { patchedFile } from '../patched-file.js';
import { acmeService, acmeVolumes } from './acme.js';
import { appService } from './app.js';
import { databaseService } from './database.js';
import { usedSecrets } from './parts.js';
import { edgeScript, edgeService, nginxFile } from './edge.js';
import { STACK_RULES } from './rules.js';
import { scheduleService } from './schedule.js';
import { staticConfigs, staticService } from './static.js';
import { workerService } from './worker.js';

/** `stack.yaml`: only what `docker stack deploy` takes and honours. */
export function stackFile(context: Context): string {
  const { stack } = context;
  const file = {
    services: services(context),
    networks: networks(context),
    volumes: volumes(context),
    configs: configs(context),
    secrets: Object.fromEntries(usedSecrets(stack).map((secret) => [secret.node.id, secretEntry(secret, context)])),
  } satisfies ComposeFile<BackgroundService>;
  return composeFile(patchedFile(stack, file, STACK_RULES), context.header);
}

function services(context: Context): ComposeFile<BackgroundService>['services'] {
  const { stack } = context;
  const acme = dockerAcme(stack);
  return {
    ...Object.fromEntries(stack.databases.map((one) => [one.node.id, databaseService(one, context)])),
    ...Object.fromEntries(stack.apps.map((app) => [app.node.id, appService(app, context)])),
    ...Object.fromEntries(withStatic(stack).map((app) => [staticId(app), staticService(app, context)])),
    ...Object.fromEntries(workersOf(stack).map((worker) => [worker.node.id, workerService(worker, context)])),
    ...Object.fromEntries(schedulesOf(stack).map((one) => [one.node.id, scheduleService(one, context)])),
    ...(acme ? { [ACME]: acmeService(acme, context) } : {}),
    ...(hasOwnEdge(stack) ? { nginx: edgeService(context) } : {}),
  };
}

/** Name of the network that all services of the stack are on. */
export function networkName({ name }: Pick<Context, 'name'>): string {
  return `${name}_default`;
}

function networks({ stack }: Context): ComposeFile['networks'] {
  const network = existingNetwork(stack);
  return {
    default: { driver: 'overlay' },
    ...(network === undefined ? {} : { edge: { name: network, external: true } }),
  };
}

/** Configs are immutable, so each is named by its content: a changed one rolls what uses it. */
function configs(context: Context): NonNullable<ComposeFile['configs']> {
  const { name, stack } = context;
  const entry = (id: string, file: string, content: string) => ({
    name: `${name}_${id}_${contentHash(content)}`,
    file,
  });
  return {
    start: entry('start', './runtime/start.py', START_SCRIPT),
    health: entry('health', './runtime/health.py', HEALTH_SCRIPT),
    ...(schedulesOf(stack).length === 0
      ? {}
      : { schedule: entry('schedule', './runtime/schedule.py', SCHEDULE_SCRIPT) }),
    ...(dockerAcme(stack) ? { [ACME]: entry(ACME, './runtime/acme.py', ACME_SCRIPT) } : {}),
    ...(hasOwnEdge(stack)
      ? {
          nginx: entry('nginx', './nginx/nginx.conf', nginxFile(context)),
          edge: entry('edge', './runtime/edge.sh', edgeScript(context)),
        }
      : {}),
    ...Object.fromEntries(staticConfigs(context).map(({ id, path, text }) => [id, entry(id, `./${path}`, text)])),
    ...Object.fromEntries(
      allMountedLogging(stack).map(({ key, path, content }) => [key, entry(key, `./${path}`, content)]),
    ),
    ...Object.fromEntries(
      configFilesOf(stack).map((file) => [
        configKey(file),
        entry(configKey(file), `./${configPath(file)}`, fileText(file, context)),
      ]),
    ),
  };
}

function volumes(context: Context): NonNullable<ComposeFile['volumes']> {
  const { stack } = context;
  return {
    ...Object.fromEntries(volumesOf(stack).map((volume) => [volume.node.id, volumeEntry(volume, context)])),
    ...(dockerAcme(stack) ? acmeVolumes(context) : {}),
  };
}

export function volumeEntry({ node, driver, driverOptions }: Volume, { name, stack }: Context): object {
  return {
    name: `${name}_${node.id}`,
    driver: driver ?? 'local',
    driver_opts: Object.fromEntries(
      Object.entries(driverOptions).map(([key, value]) => [key, withoutTemplates(value)]),
    ),
    labels: { ...stack.labels, 'asgi-synth.stack': name },
  };
}

/** A secret goes by a revision, never by a hash of its value: that could be guessed back. */
export function secretEntry(
  { node, variable, external }: Secret,
  { name }: Context,
): { name: string | Interpolated; external: true } {
  return {
    name: external ?? new Interpolated(`${name}_${node.id}_\${${variable}_REVISION:-1}`),
    external: true,
  };
}
