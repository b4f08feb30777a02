import { composeFile, type BackgroundService, type ComposeFile } from '../../../formats/compose.js';
import { configFilesOf, jobsOf, schedulesOf, volumesOf, workersOf } from '../../../model/tree.js';
import { configKey, configPath } from '../../config-files.js';
import type { Context } from '../../context.js';
import { secrets } from '../compose-file.js';
import { jobService } from '../job.js';
import { scheduleService, scheduleVolume } from '../schedule.js';
import { workerService } from '../worker.js';
import { developmentPorts, type DevelopmentOptions } from './context.js';
import { developmentApp, developmentDatabase, developmentTask } from './services.js';

/** `compose.yaml` for development: what is deployed on one host, without its edge. */
export function developmentYaml(context: Context, options: DevelopmentOptions): string {
  const file = {
    name: context.name,
    services: services(context, options),
    networks: { default: null },
    volumes: volumes(context),
    configs: configs(context),
    secrets: secrets(context),
  } satisfies ComposeFile<BackgroundService>;
  return composeFile(file, context.header);
}

function services(context: Context, options: DevelopmentOptions): ComposeFile<BackgroundService>['services'] {
  const { stack } = context;
  const ports = [...developmentPorts(stack, options)];
  return Object.fromEntries<BackgroundService>([
    ...stack.databases.map((one) => [one.node.id, developmentDatabase(one, context)] as const),
    ...ports.map(([app, port]) => [app.node.id, developmentApp(app, context, port)] as const),
    ...workersOf(stack).map((one) => [one.node.id, developmentTask(worker(one, context), one, context)] as const),
    ...jobsOf(stack).map((one) => [one.node.id, developmentTask(jobService(one, context), one, context)] as const),
    ...schedulesOf(stack).map(
      (one) => [one.node.id, developmentTask(scheduleService(one, context), one, context)] as const,
    ),
  ]);
}

/** One is enough to see what it does. */
function worker(one: Parameters<typeof workerService>[0], context: Context): BackgroundService {
  const { deploy, ...service } = workerService(one, context);
  return { ...service, deploy: { ...deploy, replicas: 1 } };
}

/** On this machine, wherever those of a deployment are. */
function volumes(context: Context): NonNullable<ComposeFile['volumes']> {
  const { stack, name } = context;
  const labels = { ...stack.labels, 'asgi-synth.stack': name };
  return Object.fromEntries([
    ...volumesOf(stack).map(({ node }) => [node.id, { name: `${name}_${node.id}`, driver: 'local', labels }] as const),
    ...schedulesOf(stack).map((one) => [one.node.id, scheduleVolume(one, context)] as const),
  ]);
}

function configs({ stack }: Context): NonNullable<ComposeFile['configs']> {
  return {
    start: { file: './runtime/start.py' },
    ...(schedulesOf(stack).length === 0 ? {} : { schedule: { file: './runtime/schedule.py' } }),
    ...Object.fromEntries(configFilesOf(stack).map((file) => [configKey(file), { file: `./${configPath(file)}` }])),
  };
}
