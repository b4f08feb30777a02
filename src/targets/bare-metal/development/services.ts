import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type BackgroundService,
  type ComposeService,
} from '../../../formats/compose.js';
import { developmentCommand } from '../../../formats/uvicorn.js';
import { largestBody, type AsgiApp } from '../../../model/app.js';
import type { Database } from '../../../model/database.js';
import type { Task } from '../../../model/task.js';
import { configReferences } from '../../config-files.js';
import { MOUNTS, ownerLabels, pidsLimit, shimCommand, temporarySpace } from '../../containers.js';
import { appImage, contentHash, fromOutput, type Context } from '../../context.js';
import { variablesOf } from '../../observability.js';
import { build, isBuiltByCompose } from '../app.js';
import { databaseService } from '../database.js';
import { dependsOn } from '../job.js';
import { filesHashed, mounts, secretFiles } from '../parts.js';
import { START_SCRIPT } from '../../../formats/python.js';
import { isReloading } from './context.js';
import { importPath, rebuildPaths, sourceMounts } from './source.js';

/** Seconds in which what is stopped must end: nobody waits for requests of a developer. */
const GRACE = 5;

/** What a process that watches files, and the one that it starts, take beside the application. */
const RELOADER_MEMORY = 192 * 2 ** 20;

/** One container with one process of an app, which takes over a changed source by itself. */
export function developmentApp(app: AsgiApp, context: Context, port: number): BackgroundService {
  return {
    image: appImage(app, context),
    ...(isBuiltByCompose(app, context) ? { build: build(app, context) } : {}),
    entrypoint: shimCommand(app, { drainSeconds: 0 }),
    command: command(app, context),
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    ...dependsOn(app, context),
    ...develop(app, context),
    environment: { ...importPath(app, context), ...variablesOf(app, context) },
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }, ...configReferences(app)],
    secrets: secretFiles(app),
    volumes: [...mounts(app, temporarySpace(largestBody(app))), ...sourceMounts(app, context)],
    ports: [{ target: app.port, published: String(port), host_ip: '127.0.0.1', protocol: 'tcp' }],
    networks: { default: null },
    // A failing check would say nothing that the developer does not see.
    healthcheck: { disable: true },
    stop_signal: 'SIGTERM',
    stop_grace_period: `${GRACE}s`,
    restart: 'no',
    deploy: { resources: { limits: { memory: dockerSize(app.memory + RELOADER_MEMORY), pids: pidsLimit(2) } } },
    logging: BOUNDED_LOGS,
    labels: {
      ...context.stack.labels,
      ...ownerLabels(context.name, app),
      'asgi-synth.config': contentHash([START_SCRIPT, ...filesHashed(app, context)].join('\0')),
    },
  };
}

function command(app: AsgiApp, context: Context): readonly string[] {
  const { module, factory, port } = app;
  return (
    app.command ??
    developmentCommand({ module, factory, port, reload: isReloading(app, context), gracefulSeconds: GRACE - 2 })
  );
}

/** For whoever runs `docker compose watch` alone. */
function develop(app: AsgiApp, context: Context): Pick<ComposeService, 'develop'> {
  if (!isBuiltByCompose(app, context)) return {};
  const paths = rebuildPaths(app, context).map((path) => fromOutput(path, context));
  return { develop: { watch: paths.map((path) => ({ action: 'rebuild', path })) } };
}

/** A service that runs beside an app when it is deployed, with the source of that app. */
export function developmentTask(service: BackgroundService, { app }: Task, context: Context): BackgroundService {
  return {
    ...service,
    environment: { ...importPath(app, context), ...service.environment },
    volumes: [...service.volumes, ...sourceMounts(app, context)],
    stop_grace_period: `${GRACE}s`,
    restart: 'no',
  };
}

/** A database as it is deployed, but that it does not come back by itself. */
export function developmentDatabase(database: Database, context: Context): ComposeService {
  return { ...databaseService(database, context), restart: 'no' };
}
