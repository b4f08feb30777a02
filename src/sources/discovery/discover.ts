import { findApplications, outerApplication, type Application } from './applications.js';
import { databasesOf, type FoundDatabase } from './databases.js';
import { dependenciesOf, nameOf, type Dependencies } from './dependencies.js';
import { healthOf, type FoundHealth } from './health.js';
import { modulesOf, type Modules } from './modules.js';
import { folderOf, inside, isBelow, isTest, pathFrom, upwards, type Finding, type Project } from './project.js';
import type { PythonModule } from './python-module.js';
import { routesOf, textValue, type Route } from './routes.js';
import { variablesOf, type Variable } from './settings.js';
import { argument } from './syntax.js';
import { workersOf, type FoundWorker } from './workers.js';

/** What a project holds that its stack must know of one application. */
export interface Discovery {
  readonly application: Application;
  readonly name: Finding;
  readonly dependencies: Dependencies;
  readonly health: FoundHealth;
  readonly websockets: readonly Finding[];
  /** Server-sent events. */
  readonly events: readonly Finding[];
  readonly lifespan: Finding | undefined;
  /** `root_path` of the application, written as a text. */
  readonly rootPath: Finding | undefined;
  /** Host names that `TrustedHostMiddleware` lets in. */
  readonly trustedHosts: Finding<readonly string[]> | undefined;
  readonly cors: Finding | undefined;
  /** Path of `alembic.ini` inside the source folder. */
  readonly alembic: Finding | undefined;
  readonly workers: readonly FoundWorker[];
  readonly databases: readonly FoundDatabase[];
  /** A driver of RabbitMQ. */
  readonly broker: Finding | undefined;
  readonly variables: readonly Variable[];
  /** Values of `.env.example`, which is no place for secrets. */
  readonly examples: ReadonlyMap<string, Finding>;
  /** Dockerfiles and Compose files. */
  readonly containers: readonly string[];
}

/** Applications of a project, the likeliest first, and whatever else is known of one. */
export interface Discoveries {
  readonly applications: readonly Application[];
  /** Import string that begins above the project: then nothing can be built from here. */
  readonly outer: string | undefined;
  about(application: Application): Discovery;
}

/** Finds out what a project is, without running any of it. */
export function discover(project: Project): Discoveries {
  const modules = modulesOf(project);
  return {
    applications: findApplications(modules),
    outer: outerApplication(modules)?.importString,
    about: (application) => aboutApplication(modules, application),
  };
}

function aboutApplication(modules: Modules, application: Application): Discovery {
  const { project } = modules;
  const { source } = application;
  const files = filesOf(modules, source);
  const routes = routesOf(modules, files);
  const dependencies = dependenciesOf(project, source);
  const workers = workersOf(modules, files, { application, dependencies });
  const variables = variablesOf(modules, files);
  return {
    application,
    name: projectName(project, source),
    dependencies,
    health: healthOf(routes),
    websockets: websocketsOf(routes),
    events: eventsOf(files),
    lifespan: lifespanOf(application, files),
    rootPath: rootPathOf(modules, application),
    trustedHosts: trustedHostsOf(files),
    cors: firstCall(files, /CORSMiddleware\b/),
    alembic: alembicOf(project, source),
    workers,
    databases: databasesOf({ dependencies, variables, files, workers }),
    broker: brokerOf(dependencies),
    variables,
    examples: examplesOf(project, source),
    containers: containersOf(project, source),
  };
}

function filesOf(modules: Modules, source: string): PythonModule[] {
  const paths = [...modules.project.files.keys()].filter(
    (path) =>
      path.endsWith('.py') && isBelow(source, path) && !isTest(path) && !/(^|\/)(versions\/|setup\.py$)/.test(path),
  );
  return paths.flatMap((path) => modules.tryModule(path) ?? []);
}

/** The name of the source folder's project, of what is around it, or of the folder. */
function projectName(project: Project, source: string): Finding {
  const named = [...upwards(source)]
    .map((folder) => nameOf(project, folder))
    .find((one) => one && !VAGUE.test(one.value));
  return named ?? { value: project.name, from: 'the name of this folder' };
}

const VAGUE = /^(app|api|backend|server|project|workspace)$/;

function websocketsOf(routes: readonly Route[]): Finding[] {
  return routes.filter(({ kind }) => kind === 'websocket').map(({ path, from }) => ({ value: path, from }));
}

const EVENTS = /\bEventSourceResponse\(|\bServerSentEvent\(|text\/event-stream/;

function eventsOf(files: readonly PythonModule[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    const line = text.split('\n').findIndex((one) => EVENTS.test(one));
    return line === -1 ? [] : [{ value: 'server-sent events', from: `${path}:${line + 1}` }];
  });
}

function lifespanOf({ instance }: Application, files: readonly PythonModule[]): Finding | undefined {
  if (instance && instance.call.arguments.some(({ name }) => name === 'lifespan'))
    return { value: 'lifespan', from: `${instance.path}:${instance.call.line}` };
  for (const { path, functions } of files) {
    const handler = functions
      .flatMap(({ decorators }) => decorators)
      .find(({ callee }) => callee.endsWith('.on_event'));
    if (handler) return { value: 'on_event', from: `${path}:${handler.line}` };
  }
  return undefined;
}

function rootPathOf(modules: Modules, { instance }: Application): Finding | undefined {
  const module = modules.tryModule(instance?.path ?? '');
  if (!instance || !module) return undefined;
  const value = textValue(modules, argument(instance.call, 'root_path'), { module });
  const path = value?.replace(/\/+$/, '');
  return path === undefined || path === ''
    ? undefined
    : { value: path, from: `${instance.path}:${instance.call.line}` };
}

function trustedHostsOf(files: readonly PythonModule[]): Finding<readonly string[]> | undefined {
  for (const { path, calls } of files) {
    for (const { call } of calls) {
      const names = call.arguments.some(
        ({ value }) => value.kind === 'name' && value.name.endsWith('TrustedHostMiddleware'),
      );
      const list = argument(call, 'allowed_hosts');
      if ((!names && !call.callee.endsWith('TrustedHostMiddleware')) || list?.kind !== 'list') continue;
      const hosts = list.items.flatMap((item) => (item.kind === 'text' ? [item.text] : []));
      return { value: hosts, from: `${path}:${call.line}` };
    }
  }
  return undefined;
}

function firstCall(files: readonly PythonModule[], pattern: RegExp): Finding | undefined {
  for (const { path, calls } of files) {
    const found = calls.find(
      ({ call }) =>
        pattern.test(call.callee) ||
        call.arguments.some(({ value }) => value.kind === 'name' && pattern.test(value.name)),
    );
    if (found) return { value: 'CORS', from: `${path}:${found.call.line}` };
  }
  return undefined;
}

const RABBITMQ = ['aio-pika', 'pika', 'aiormq', 'taskiq-aio-pika', 'kombu', 'amqp'];

function brokerOf(dependencies: Dependencies): Finding | undefined {
  const extra = [...dependencies].find(([, { value }]) => /\b(rabbit|rabbitmq|librabbitmq)\b/.test(value));
  const driver = RABBITMQ.map((name) => [name, dependencies.get(name)] as const).find(
    ([, found]) => found !== undefined,
  );
  if (extra) return { value: `${extra[0]}[${extra[1].value}]`, from: extra[1].from };
  return driver?.[1] && { value: driver[0], from: driver[1].from };
}

function alembicOf(project: Project, source: string): Finding | undefined {
  const files = [...project.files.keys()].filter((path) => isBelow(source, path) && /(^|\/)alembic\.ini$/.test(path));
  const [file] = files.toSorted((a, b) => a.split('/').length - b.split('/').length);
  return file === undefined ? undefined : { value: pathFrom(source, file), from: file };
}

const EXAMPLES = ['.env.example', '.env.sample', '.env.template', '.env.dist'];

function examplesOf(project: Project, source: string): ReadonlyMap<string, Finding> {
  const found = new Map<string, Finding>();
  const files = [source, '.'].flatMap((folder) => EXAMPLES.map((name) => inside(folder, name)));
  for (const file of files) {
    (project.files.get(file) ?? '').split('\n').forEach((line, index) => {
      const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || found.has(name)) return;
      found.set(name, { value: value.replace(/^(["'])(.*)\1$/, '$2'), from: `${file}:${index + 1}` });
    });
  }
  return found;
}

function containersOf(project: Project, source: string): string[] {
  return [...project.files.keys()].filter(
    (path) =>
      /(^|\/)((.*\.)?Dockerfile|(docker-)?compose\.ya?ml)$/.test(path) &&
      (folderOf(path) === '.' || folderOf(path) === source),
  );
}
