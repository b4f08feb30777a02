import { posix } from 'node:path';
import { URL_PATH } from '../../model/values.js';
import type { ComposeFile } from '../../sources/compose/compose-file.js';
import { healthPath } from '../../sources/compose/dockerfile-facts.js';
import { entryAt, nodeAt, textAt } from '../../sources/compose/node.js';
import type { Code, Origin } from './code.js';
import type { BuildPlace, DraftApp, DraftHealth, RoledService } from './draft.js';
import { traefikRule, type EdgeRule } from './edge.js';
import type { GivenVariable } from './environment.js';
import { textOf } from './keys.js';
import { placeOf, type Notebook } from './notebook.js';
import { composeSeconds, cpuOf, memoryOf, replicasOf } from './resources.js';
import { factsOf } from './roles.js';

/** What is known when an app is drafted. */
export interface AppPlace {
  readonly compose: ComposeFile;
  readonly code: Code;
  readonly book: Notebook;
  readonly rules: readonly EdgeRule[];
  /** How many apps there are. */
  readonly count: number;
}

/** What an app is before its variables, secrets and mounts are sorted. */
export type AppFrame = Omit<DraftApp, 'environment' | 'secrets' | 'connections' | 'volumes' | 'files'> & {
  readonly pythonPath: string | undefined;
};

/** The frame of an app: where it comes from, how many processes it has, how it is reached. */
export function frameOf(
  one: RoledService,
  id: string,
  { variables, place }: { variables: readonly GivenVariable[]; place: AppPlace },
): AppFrame {
  const { service, server, build, image } = one;
  const { node, at } = service;
  const { compose, book } = place;
  const origin = originOf(one, variables, place);
  const containers = replicasOf(node);
  const workers = workersOf(one, variables);
  const traefik = traefikRule(service, book);
  const rule = place.rules.find((each) => each.service === service.id) ?? onlyRule(place);
  const facts = build && factsOf(build, compose.readText);
  listServer(one, book);
  return {
    id,
    service: service.id,
    from: placeOf(at),
    source: build ? origin.source : undefined,
    image: build ? undefined : image,
    module: origin.module,
    moduleFrom: origin.from,
    factory: origin.factory,
    pythonPath: origin.pythonPath,
    processes: containers * workers,
    memory: memoryOf(node, workers),
    cpu: cpuOf(node, workers),
    port: portOf(one, traefik.port, book),
    health: healthOf(one, facts?.health, build?.dockerfile),
    hosts: [...new Set([...traefik.hosts, ...(rule?.hosts ?? [])])],
    hostsFrom: traefik.hosts.length > 0 ? traefik.from : rule ? placeOf(rule.at) : '',
    pathPrefix: traefik.pathPrefix ?? prefixOf(server?.rootPath, one, book),
    requestTimeout: timeoutOf(rule, service.id, book),
    bodyLimit: rule?.bodyLimit,
    systemPackages: facts?.packages ?? [],
    dockerfile: undefined,
    python: /^(?:.*\/)?python:(3\.\d+)/.exec(facts?.base ?? '')?.[1],
    foundDockerfile: facts && build?.dockerfile,
    ownDockerfile: facts && build && ownDockerfile(build, origin.source),
  };
}

/** What is built from another folder than the code lies in could not be built by a stack. */
function ownDockerfile({ context, dockerfile }: BuildPlace, source: string): string | undefined {
  const path = posix.relative(source, dockerfile);
  return context === source && !path.startsWith('..') ? path : undefined;
}

/** Seconds that every target can wait for. */
const LONGEST_REQUEST = 60;

function timeoutOf(rule: EdgeRule | undefined, id: string, book: Notebook): number | undefined {
  const seconds = rule?.requestTimeout;
  if (!rule || seconds === undefined || seconds <= LONGEST_REQUEST) return seconds;
  book.lose(
    rule.at,
    `services.${id}`,
    `proxy_read_timeout ${seconds} is more than every target can wait: requestTimeout: ${seconds} says it, and each target then says what it makes of it`,
  );
  return undefined;
}

/** A rule that names nobody is that of the only app. */
function onlyRule({ rules, count }: AppPlace): EdgeRule | undefined {
  return count === 1
    ? (rules.find(({ hosts, service }) => hosts.length > 0 && service === undefined) ?? rules[0])
    : undefined;
}

function originOf(one: RoledService, variables: readonly GivenVariable[], { code, book }: AppPlace): Origin {
  const { server, build, commandAt, service } = one;
  const named = variables.find(({ name, value }) => /^(APP_MODULE|MODULE_NAME)$/.test(name) && value !== '')?.value;
  const module = server?.module ?? (named === undefined ? undefined : named.includes(':') ? named : `${named}:app`);
  const wanted = { module, factory: server?.factory ?? false, from: commandAt ?? placeOf(service.at) };
  const context = build?.context ?? '.';
  const found = build ? code.originOf(context, wanted) : undefined;
  if (found && module !== undefined && found.module !== module)
    book.note(`${wanted.from} serves ${module}, which is ${found.module} from ${found.source}, where the lock file is`);
  if (found) return found;
  if (build && module !== undefined)
    book.note(
      `${wanted.from} serves ${module}, which the code below ${context} does not hold under that name: say in source and module where it is`,
    );
  if (module === undefined)
    book.lose(
      service.at,
      `services.${service.id}`,
      'no command says which application it serves, and main:app only stands for it: write module, package.module:attribute',
    );
  return {
    source: context,
    module: module ?? 'main:app',
    factory: wanted.factory,
    from: module === undefined ? 'a stand-in' : wanted.from,
    pythonPath: undefined,
    application: undefined,
  };
}

/** Processes of one container. */
function workersOf({ server }: RoledService, variables: readonly GivenVariable[]): number {
  const variable = variables.find(({ name }) => name === 'WEB_CONCURRENCY')?.value;
  const given = server?.workers ?? (variable !== undefined && /^[1-9]\d{0,2}$/.test(variable) ? Number(variable) : 1);
  return Math.min(given, 1000);
}

function portOf({ server, service }: RoledService, label: number | undefined, book: Notebook): number | undefined {
  const port = server?.port ?? label;
  if (port === undefined || port === 8000) return undefined;
  if (port >= 1024 && port <= 65535) return port;
  book.drop(
    entryAt(service.node, 'command')?.at ?? service.at,
    `services.${service.id}.command`,
    `port ${port} inside the container becomes 8000: nobody there is root`,
  );
  return undefined;
}

function healthOf(
  { service }: RoledService,
  ofImage: string | undefined,
  dockerfile: string | undefined,
): DraftHealth | undefined {
  const check = entryAt(service.node, 'healthcheck', 'test');
  const own = check && healthPath(textOf(check.node));
  const path = own ?? (nodeAt(service.node, 'healthcheck') ? undefined : ofImage);
  if (path === undefined || !URL_PATH.test(path)) return undefined;
  const startup = composeSeconds(textAt(service.node, 'healthcheck', 'start_period') ?? '');
  return {
    readiness: path,
    // What looks at a database must not have every process killed when that is down.
    liveness: /ready|readiness|\bdb\b|database|deep/i.test(path) ? undefined : path,
    startup: startup !== undefined && startup > 60 ? Math.min(startup, 3600) : undefined,
    from: own !== undefined && check ? placeOf(check.at) : (dockerfile ?? ''),
  };
}

function prefixOf(rootPath: string | undefined, { service }: RoledService, book: Notebook): string | undefined {
  const path = rootPath?.replace(/\/+$/, '');
  if (path === undefined || path === '') return undefined;
  if (/^(?=.{1,255}$)(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/.test(path)) return path;
  book.lose(
    entryAt(service.node, 'command')?.at ?? service.at,
    `services.${service.id}.command`,
    `root path ${path} cannot be a path prefix; set pathPrefix of the AsgiApp to one such as "/api"`,
  );
  return undefined;
}

/** Options of the server that nothing says here. */
function listServer({ server, service, before }: RoledService, book: Notebook): void {
  const at = entryAt(service.node, 'command')?.at ?? entryAt(service.node, 'entrypoint')?.at ?? service.at;
  const path = `services.${service.id}.command`;
  for (const option of server?.left ?? []) {
    if (/^--?reload/.test(option)) book.drop(at, path, `${option} is for development`);
    else
      book.lose(
        at,
        path,
        `${server?.server} ${option} has no counterpart; the environment or command of the AsgiApp may say it`,
      );
  }
  for (const step of before)
    if (/^(cd|echo|sleep|export|mkdir|chmod|chown|wait-for.*)$|\/?wait/.test(step[0] ?? ''))
      book.drop(at, path, `${step.join(' ')}: the start here needs none of it`);
}
