import type { ComposeFile } from '../../sources/compose/compose-file.js';
import { otherMessage } from '../../sources/compose/images.js';
import { entryAt, textAt } from '../../sources/compose/node.js';
import { registryPrefix } from '../../model/values.js';
import * as v from 'valibot';
import { taskKind } from '../../sources/compose/task-command.js';
import { offeredName } from '../init/offers.js';
import { frameOf, type AppFrame } from './apps.js';
import type { Code } from './code.js';
import { databasesOf, type FoundDatabase } from './databases.js';
import type { DraftApp, DraftTask, RoledService, StackDraft } from './draft.js';
import { edgeRules } from './edge.js';
import { sortVariables, variablesOf, type Sorted } from './environment.js';
import { listKeys } from './keys.js';
import { Mounts } from './mounts.js';
import { Names } from './names.js';
import { notebook, placeOf, type Notebook } from './notebook.js';
import { publishedPort } from './ports.js';
import { answered, together } from './reachable.js';
import { rolesOf } from './roles.js';
import { SecretList } from './secret-list.js';
import { ownVariables, tasksOf, type FoundTask } from './tasks.js';

/** What a Compose file comes to. @param project name of the folder, for a file that names nothing */
export function draftStack(compose: ComposeFile, code: Code, project: string): StackDraft {
  const book = notebook();
  book.left.push(...compose.left);
  const name = offeredName(textAt(compose.root, 'name') ?? project);
  const services = started(rolesOf(compose, code), book);
  const names = new Names(book);
  const mounts = new Mounts(compose, names, book);
  const gathered = gather(compose, { services, names, mounts, book, code, name });
  for (const one of services) list(one, book);
  const port = publishedPort(services, book);
  const needsNginx = gathered.apps.some(
    ({ pathPrefix, bodyLimit }) => pathPrefix !== undefined || bodyLimit !== undefined,
  );
  return {
    name,
    file: compose.file,
    registry: registryOf(services),
    httpPort: port,
    needsNginx,
    accept:
      port === undefined || (needsNginx && typeof port === 'number')
        ? {}
        : { 'http-port': 'in a cluster what takes requests has ports of its own' },
    volumes: mounts.volumes,
    files: mounts.files,
    ...gathered,
    services: services.map((one) => ({ id: one.service.id, at: one.service.at, becomes: becomes(one, gathered) })),
    left: ordered(book),
    notes: book.notes,
  };
}

/** Services that start without being asked for. */
function started(all: readonly RoledService[], book: Notebook): RoledService[] {
  return all.filter(({ service }) => {
    const profiles = entryAt(service.node, 'profiles');
    if (profiles)
      book.lose(
        service.at,
        `services.${service.id}`,
        'it starts with a profile alone, and is left out; add it by hand where the stack should always have it',
      );
    return !profiles;
  });
}

interface Work {
  readonly services: readonly RoledService[];
  readonly names: Names;
  readonly mounts: Mounts;
  readonly book: Notebook;
  readonly code: Code;
  readonly name: string;
}

type Gathered = Pick<StackDraft, 'apps' | 'tasks' | 'databases' | 'secrets' | 'images'>;

function gather(compose: ComposeFile, work: Work): Gathered {
  const { services, names, mounts, book } = work;
  const apps = services
    .filter(({ role }) => role === 'app')
    .map((one) => ({ one, id: names.idFor(one.service.id, 'app') }));
  const { all: databases, images } = databasesOf(services, {
    compose,
    book,
    idOf: (id) => names.idFor(id, 'database'),
  });
  const tasks = tasksOf(services, { compose, apps, services, names, book });
  const rules = edgeRules(compose, services);
  const secrets = new SecretList(mounts, book);
  const around = surroundings(work, databases, tasks);
  const sorted = new Map<RoledService, Sorted>();
  const sort = (one: RoledService): Sorted => {
    const known = sorted.get(one) ?? sortVariables(variablesOf(compose, one.service, book), one.service.id, around);
    sorted.set(one, known);
    return known;
  };
  const drafts = apps.map(({ one, id }): DraftApp => {
    const variables = variablesOf(compose, one.service, quiet);
    const frame = frameOf(one, id, { variables, place: { compose, code: work.code, book, rules, count: apps.length } });
    const own = tasks.filter(({ task }) => task.app === id).map((each) => each.one);
    return withVariables(frame, [...new Set([one, ...own])], { sort, secrets, mounts, databases });
  });
  return {
    apps: answered(together(drafts, book), book),
    tasks: tasks.map(({ task, one }): DraftTask => {
      const app = drafts.find(({ id }) => id === task.app);
      return {
        ...task,
        environment: ownVariables(sort(one).environment, app?.environment ?? []).filter(
          ({ name }) => !isTaken(name, app),
        ),
      };
    }),
    databases: databases.map((one) => secrets.shared(one, drafts)),
    secrets: secrets.all(),
    images,
  };
}

/** A first reading has said already what is wrong. */
const quiet: Notebook = { ...notebook(), lose: () => undefined, drop: () => undefined, note: () => undefined };

function isTaken(name: string, app: DraftApp | undefined): boolean {
  return (
    app !== undefined &&
    (app.secrets.includes(name.toLowerCase()) || app.connections.some(({ variable }) => variable === name))
  );
}

function surroundings(
  { services, book, name }: Work,
  databases: readonly FoundDatabase[],
  tasks: readonly FoundTask[],
) {
  const isKept = ({ role, service }: RoledService) =>
    role === 'app' || role === 'postgres' || role === 'redis' || tasks.some(({ one }) => one.service === service);
  return {
    databases: databases.map(({ draft }) => draft),
    stack: name,
    kept: services.filter(isKept).map(({ service }) => service.id),
    gone: services.filter((one) => !isKept(one)).map(({ service }) => service.id),
    book,
  };
}

interface Parts {
  readonly sort: (one: RoledService) => Sorted;
  readonly secrets: SecretList;
  readonly mounts: Mounts;
  readonly databases: readonly FoundDatabase[];
}

/** An app with the variables of its own, and the secrets, connections and mounts of what runs beside it in its image. */
function withVariables(
  { pythonPath, ...frame }: AppFrame,
  all: readonly RoledService[],
  { sort, secrets, mounts, databases }: Parts,
): DraftApp {
  const [own, ...beside] = all.map(sort);
  const connections = uniqueBy(
    [own!, ...beside].flatMap((one) => one.connections),
    ({ variable }) => variable,
  );
  const taken = new Set(connections.map(({ variable }) => variable));
  const ids = [own!, ...beside].flatMap((one) => one.secrets.map((secret) => secrets.add(secret)));
  const isOpen = ({ name }: { readonly name: string }) => !taken.has(name) && !ids.includes(name.toLowerCase());
  const files = all.flatMap((one) => mounts.secretsOf(one.service));
  const path =
    pythonPath === undefined
      ? []
      : [
          {
            name: 'PYTHONPATH',
            value: `/app/${pythonPath}`,
            isStandIn: false,
            comment: 'the code imports what lies there by its bare name',
            from: '',
          },
        ];
  const environment = [...path, ...own!.environment.filter(isOpen)];
  return {
    ...frame,
    environment,
    secrets: [...new Set([...ids.filter((id) => !taken.has(id.toUpperCase())), ...files])],
    connections: [...connections, ...opened(environment, connections, databases)],
    volumes: uniqueBy(
      all.flatMap((one) => mounts.volumesOf(one.service)),
      ({ path: at }) => at,
    ),
    files: uniqueBy(
      all.flatMap((one) => mounts.filesOf(one.service)),
      ({ path: at }) => at,
    ),
  };
}

/** An app that only knows the host of a database needs a way to it all the same: a connection opens it. */
function opened(
  environment: DraftApp['environment'],
  connections: DraftApp['connections'],
  databases: readonly FoundDatabase[],
): DraftApp['connections'] {
  return databases.flatMap(({ draft }) => {
    const isNamed = environment.some(
      ({ value }) =>
        value === draft.service || value.startsWith(`${draft.service}:`) || value.includes(`//${draft.service}`),
    );
    if (!isNamed || connections.some(({ database }) => database === draft.id)) return [];
    const variable = draft.kind === 'postgres' ? 'DATABASE_URL' : 'REDIS_URL';
    return environment.some(({ name }) => name === variable)
      ? []
      : [{ variable, database: draft.id, argument: undefined }];
  });
}

function uniqueBy<T>(all: readonly T[], key: (one: T) => string): T[] {
  return all.filter((one, index) => all.findIndex((other) => key(other) === key(one)) === index);
}

/** `ghcr.io/acme` of `ghcr.io/acme/api:1`, where a service is built and has such a name. */
function registryOf(services: readonly RoledService[]): string | undefined {
  for (const { build, image } of services) {
    const path = image?.split('/').slice(0, -1).join('/') ?? '';
    const isRegistry = /^[^/]*[.:]/.test(path) && v.safeParse(registryPrefix, path).success;
    if (build && isRegistry) return path;
  }
  return undefined;
}

/** Whole services that are in no stack, else the keys of one that is. */
function list(one: RoledService, book: Notebook): void {
  const { service, role, image, command } = one;
  const path = `services.${service.id}`;
  if (role === 'edge')
    book.drop(service.at, path, 'the edge of each target is in its place: nginx, or the Ingress of the cluster');
  else if (role === 'clock')
    book.lose(
      service.at,
      path,
      "what runs by the clock is a Schedule: new Schedule(stack, 'cleanup', { app: api, cron: '0 3 * * *', command: ['python', '-m', 'cleanup'] })",
    );
  else if (role === 'other') {
    const isMonitor = command?.steps?.some((step) => taskKind(step) === 'monitor');
    book.lose(service.at, path, otherMessage(isMonitor ? 'flower' : (image ?? service.id)));
  } else listKeys(one, book);
}

function becomes({ service, role }: RoledService, { apps, tasks, databases }: Gathered): string {
  const app = apps.find((one) => one.service === service.id);
  if (role === 'app') return app ? `AsgiApp ${app.id}` : 'processes of another AsgiApp';
  const database = databases.find((one) => one.service === service.id);
  if (database) return `${database.kind === 'postgres' ? 'Postgres' : 'Redis'} ${database.id}`;
  const task = tasks.find(({ from }) => from === placeOf(service.at));
  if (task) return `${task.kind === 'job' ? 'Job' : 'Worker'} ${task.id}`;
  return role === 'edge' ? 'the edge of each target' : 'nothing';
}

/** In the order of the file, what is written twice once. */
function ordered({ left }: Notebook): StackDraft['left'] {
  const unique = uniqueBy(left, ({ at, path, message }) => `${at.file}:${at.line}:${path}:${message}`);
  return unique.toSorted((a, b) =>
    a.at.file === b.at.file ? a.at.line - b.at.line || a.at.column - b.at.column : a.at.file < b.at.file ? -1 : 1,
  );
}
