import type { Discovery } from '../../sources/discovery/discover.js';
import { offeredHosts } from '../init/offers.js';
import { planStack, type StackPlan } from '../init/plan.js';
import type {
  DraftApp,
  DraftConnection,
  DraftDatabase,
  DraftSecret,
  DraftTask,
  DraftVariable,
  StackDraft,
} from './draft.js';

/** What Compose and the code say together. */
export interface Combined {
  readonly draft: StackDraft;
  /** Where they differ, and whose word was taken. */
  readonly conflicts: readonly string[];
}

/** Adds what the code tells to what Compose says of its app. What Compose says is taken where they differ. */
export function combined(draft: StackDraft, app: DraftApp, discovery: Discovery): Combined {
  const plan = planStack({ discovery, name: draft.name, hosts: [], unpinned: undefined });
  const known = knownNames(draft, app);
  const secrets = plan.secrets
    .filter(({ id }) => !known.has(id.toUpperCase()))
    .map(({ id, from }): DraftSecret => ({ id, isVariable: true, file: undefined, external: undefined, from }));
  const connections = connectionsOf(plan, { draft, discovery, known });
  const filled = completed(app, discovery, {
    environment: environmentOf(plan, { draft, known }),
    secrets: secrets.map(({ id }) => id),
    connections,
  });
  return {
    draft: {
      ...draft,
      secrets: [...draft.secrets, ...secrets.filter(({ id }) => !draft.secrets.some((one) => one.id === id))],
      needsNginx: draft.needsNginx || filled.pathPrefix !== undefined,
      apps: draft.apps.map((one) => (one === app ? filled : one)),
      tasks: [...draft.tasks, ...migration(draft, app, discovery)],
      notes: [...draft.notes, ...plan.notes.filter((note) => !/on Kubernetes/.test(note))],
    },
    conflicts: [...conflictsOf(app, discovery), ...missing(draft, discovery)],
  };
}

/** Every variable that Compose gives to an app. */
function knownNames(draft: StackDraft, app: DraftApp): Set<string> {
  return new Set([
    ...app.environment.map(({ name }) => name),
    ...app.secrets.map((id) => id.toUpperCase()),
    ...app.connections.map(({ variable }) => variable),
    ...draft.databases.flatMap(({ password }) => (password === undefined ? [] : [password.toUpperCase()])),
  ]);
}

interface Beside {
  readonly draft: StackDraft;
  readonly known: ReadonlySet<string>;
}

/** Settings without a default that Compose does not give; one that names a database names that of the stack. */
function environmentOf(plan: StackPlan, { draft, known }: Beside): DraftVariable[] {
  return plan.environment
    .filter(({ name }) => !known.has(name))
    .flatMap(({ name, value, comment, isStandIn }): DraftVariable[] => {
      const planned = plan.databases.find(({ id }) => id === value);
      const database = planned && databaseOf(draft, planned.kind);
      if (planned && !database) return [];
      return [{ name, value: database?.id ?? String(value), comment, isStandIn, from: comment }];
    });
}

function databaseOf(draft: StackDraft, kind: 'postgres' | 'redis'): DraftDatabase | undefined {
  return draft.databases.find((one) => one.kind === kind);
}

/** Variables for the URL of a database that the code reads, and Compose does not give. */
function connectionsOf(
  plan: StackPlan,
  { draft, discovery, known }: Beside & { readonly discovery: Discovery },
): DraftConnection[] {
  return plan.connections.flatMap(({ variable, value }) => {
    const planned = plan.databases.find(({ id }) => value === id || value.startsWith(`${id}.`));
    const database = planned && databaseOf(draft, planned.kind);
    const isRead = discovery.variables.some(({ name }) => name === variable);
    if (!database || known.has(variable) || !isRead) return [];
    return [{ variable, database: database.id, argument: /\.url\((.*)\)$/.exec(value)?.[1] }];
  });
}

type Added = Pick<DraftApp, 'environment' | 'secrets' | 'connections'>;

function completed(app: DraftApp, discovery: Discovery, added: Added): DraftApp {
  const { liveness, readiness } = discovery.health;
  const found = readiness ?? liveness;
  const health = found && { readiness: found.value, liveness: liveness?.value, startup: undefined, from: found.from };
  const hosts = app.hosts.length > 0 ? app.hosts : offeredHosts(discovery);
  return {
    ...app,
    health: app.health ?? health,
    hosts,
    hostsFrom: app.hosts.length > 0 ? app.hostsFrom : (discovery.trustedHosts?.from ?? ''),
    pathPrefix: app.pathPrefix ?? discovery.rootPath?.value,
    environment: [...app.environment, ...added.environment],
    secrets: [...app.secrets, ...added.secrets],
    connections: [...app.connections, ...added.connections],
  };
}

/** The migration that the code has, where no service runs one. */
function migration(draft: StackDraft, app: DraftApp, { alembic }: Discovery): DraftTask[] {
  if (!alembic || draft.tasks.some(({ kind }) => kind === 'job') || idsOf(draft).includes('migrate')) return [];
  const config = alembic.value === 'alembic.ini' ? [] : ['-c', alembic.value];
  const command = ['alembic', ...config, 'upgrade', 'head'];
  const limits = { processes: undefined, memory: undefined, cpu: undefined, gracePeriod: undefined };
  return [
    {
      id: 'migrate',
      kind: 'job',
      app: app.id,
      command,
      ...limits,
      environment: [],
      runBefore: [],
      isScheduler: false,
      from: alembic.from,
    },
  ];
}

function idsOf({ apps, tasks, databases, volumes, files }: StackDraft): string[] {
  return [...apps, ...tasks, ...databases, ...volumes, ...files].map(({ id }) => id);
}

/** What both say, each another thing. */
function conflictsOf(app: DraftApp, { health, rootPath, trustedHosts }: Discovery): string[] {
  const conflict = (what: string, compose: readonly [string, string], code: readonly [string, string]) =>
    `${what} is ${compose[0]} in ${compose[1]}, and ${code[0]} in ${code[1]}; the stack has ${compose[0]}`;
  const paths = [health.liveness, health.readiness].filter((one) => one !== undefined);
  const isKnown = paths.some(({ value }) => value === app.health?.readiness);
  const code = paths[0];
  const foreign = (trustedHosts?.value.some((host) => host.includes('*')) ? [] : app.hosts).filter(
    (host) => trustedHosts !== undefined && !trustedHosts.value.includes(host),
  );
  return [
    ...(app.health && code && !isKnown
      ? [conflict('health', [app.health.readiness, app.health.from], [code.value, code.from])]
      : []),
    ...(app.pathPrefix !== undefined && rootPath && rootPath.value !== app.pathPrefix
      ? [conflict('the path prefix', [app.pathPrefix, app.moduleFrom], [rootPath.value, rootPath.from])]
      : []),
    ...(foreign.length > 0
      ? [
          `the hosts ${foreign.join(', ')} of ${app.hostsFrom} are none that ${trustedHosts?.from} lets in: the app answers them with 400`,
        ]
      : []),
  ];
}

/** What the code has, and no service runs. */
function missing(draft: StackDraft, { databases, workers }: Discovery): string[] {
  const stores = databases
    .filter(({ kind }) => !databaseOf(draft, kind))
    .map(
      ({ kind, from }) =>
        `${from} asks for a driver of ${kind === 'postgres' ? 'PostgreSQL' : 'Redis'}, and ${draft.file} runs none; new ${kind === 'postgres' ? 'Postgres' : 'Redis'} adds one`,
    );
  const programs = workers
    .filter(
      ({ command }) => !draft.tasks.some((task) => task.command[0] === command[0] && isSameRole(task.command, command)),
    )
    .map(
      ({ kind, command, from }) =>
        `${from} has work for ${kind}, and no service of ${draft.file} does it; a Worker with ${command.join(' ')} would`,
    );
  return [...stores, ...programs];
}

/** A beat is no worker. */
function isSameRole(one: readonly string[], other: readonly string[]): boolean {
  const roles = ['beat', 'scheduler'];
  return roles.every((role) => one.includes(role) === other.includes(role)) || one.includes('-B');
}
