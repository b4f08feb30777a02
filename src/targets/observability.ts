import { loggingConfig } from '../formats/logging.js';
import { LOGS_SCRIPT } from '../formats/python.js';
import { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import type { Task } from '../model/task.js';
import { MOUNTS } from './containers.js';
import { appImage, type Context } from './context.js';
import type { OutputFile } from './target.js';

/** What the server of an app is told of its logs. */
export function serverLogs({ logs }: AsgiApp): { readonly config: string; readonly access: boolean } | undefined {
  return logs && { config: `${MOUNTS}/logging.json`, access: logs.access };
}

/** The files by which an app logs JSON, by the name that each has in the folder `MOUNTS`. */
export function loggingFiles({ logs }: AsgiApp): Readonly<Record<string, string>> {
  if (logs === undefined) return {};
  const config = loggingConfig({ script: `${MOUNTS}/logs.py`, level: logs.level });
  return { 'logging.json': config, 'logs.py': LOGS_SCRIPT };
}

/** A file that Compose and Swarm mount as a config. */
interface MountedFile extends OutputFile {
  /** Key among the configs. */
  readonly key: string;
  /** Path inside the container. */
  readonly target: string;
}

/** The same files as Compose and Swarm mount them; the module is the same for all apps. */
export function mountedLogging(app: AsgiApp): MountedFile[] {
  return Object.entries(loggingFiles(app)).map(([name, content]) => ({
    ...(name === 'logs.py'
      ? { key: 'logs', path: `runtime/${name}` }
      : { key: `${app.node.id}-logging`, path: `${app.node.id}/${name}` }),
    target: `${MOUNTS}/${name}`,
    content,
  }));
}

/** Those of all apps, each once. */
export function allMountedLogging({ apps }: Stack): MountedFile[] {
  return [...new Map(apps.flatMap(mountedLogging).map((file) => [file.path, file])).values()];
}

/** They as files of an output. */
export function loggingOutputs(stack: Stack): OutputFile[] {
  return allMountedLogging(stack).map(({ path, content }) => ({ path, content }));
}

/** They in the service of an app. */
export function loggingReferences(app: AsgiApp): { readonly source: string; readonly target: string }[] {
  return mountedLogging(app).map(({ key, target }) => ({ source: key, target }));
}

/** Variables of an app, or of what runs beside it: those of its telemetry included, and sorted by name. */
export function variablesOf(one: AsgiApp | Task, context: Context): Readonly<Record<string, string>> {
  const telemetry = one instanceof AsgiApp ? telemetryOf(one, one, context) : telemetryOf(one.app, one, context);
  // What a task says itself takes the place of what its app does.
  return sorted({ ...telemetry, ...one.environment });
}

function telemetryOf(app: AsgiApp, one: AsgiApp | Task, context: Context): Record<string, string> {
  const version = imageVersion(app, context);
  return { ...otel(app, one, { ...context, version }), ...sentry(app, { ...context, version }) };
}

/** What is known of a deployment where variables are written. */
type Deployed = Pick<Context, 'stack' | 'options'> & { readonly version: string | undefined };

function otel({ otel: given }: AsgiApp, one: AsgiApp | Task, deployed: Deployed): Record<string, string> {
  if (given === undefined) return {};
  const { endpoint, protocol, serviceName, sampleRatio, attributes } = given;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_RESOURCE_ATTRIBUTES: asBaggage({ ...ownAttributes(deployed), ...attributes }),
    OTEL_SERVICE_NAME: one instanceof AsgiApp ? (serviceName ?? one.node.id) : one.node.id,
    ...(protocol === undefined ? {} : { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }),
    ...(sampleRatio === undefined
      ? {}
      : { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: String(sampleRatio) }),
  };
}

function ownAttributes({ stack, options: { stage }, version }: Deployed): Record<string, string> {
  return {
    'service.namespace': stack.name,
    ...(version === undefined ? {} : { 'service.version': version }),
    ...(stage === undefined ? {} : { 'deployment.environment.name': stage }),
  };
}

/** `key=value,key=value`, values percent-encoded (opentelemetry.io/docs/specs/otel/resource/sdk). */
function asBaggage(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(sorted(attributes))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join(',');
}

function sentry({ node, sentry: given }: AsgiApp, { stack, options, version }: Deployed): Record<string, string> {
  if (given === undefined) return {};
  const environment = given.environment ?? options.stage;
  const release = given.release ?? (version && `${stack.name}-${node.id}@${version}`);
  return {
    ...(environment === undefined ? {} : { SENTRY_ENVIRONMENT: environment }),
    ...(release === undefined ? {} : { SENTRY_RELEASE: release }),
  };
}

/** The tag of the image of an app, without what the image for Gunicorn has at its end: the same code has the same version. */
function imageVersion(app: AsgiApp, context: Context): string | undefined {
  const [name = ''] = appImage(app, context).split('@');
  const [, tag] = /:([^:/]+)$/.exec(name) ?? [];
  return context.flavour === 'gunicorn' ? tag?.replace(/-gunicorn$/, '') : tag;
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
