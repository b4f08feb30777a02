import { healthPath } from '../../sources/compose/dockerfile-facts.js';
import { entryAt, itemsOf, nodeAt, pairsOf, type ComposeNode, type Entry } from '../../sources/compose/node.js';
import type { Role, RoledService } from './draft.js';
import type { Notebook } from './notebook.js';

type Answer = readonly ['ours' | 'left', string];

const ours = (message: string): Answer => ['ours', message];
const left = (message: string): Answer => ['left', message];

/** Keys that are taken over, for all that is deployed. */
const TAKEN = new Set([
  'image',
  'build',
  'environment',
  'env_file',
  'volumes',
  'deploy',
  'scale',
  'mem_limit',
  'cpus',
  'extends',
  'profiles',
]);
const TAKEN_OF_CODE = new Set([
  'labels',
  'command',
  'entrypoint',
  'secrets',
  'configs',
  'healthcheck',
  'ports',
  'stop_grace_period',
]);

/** What every target does by itself, and what has no counterpart. */
const KEYS: Readonly<Record<string, Answer>> = {
  restart: ours('what stops is started again on every target'),
  container_name: ours('names come from the stack and its constructs'),
  hostname: ours('names come from the stack and its constructs'),
  networks: ours('a stack has networks of its own, and only what needs a database reaches it'),
  links: ours('everything of a stack finds the rest by its name'),
  depends_on: ours('apps wait for the databases in connections, and jobs come before apps'),
  expose: ours('the edge reaches the app at port'),
  logging: ours('logs are bounded on every target'),
  user: ours('everything runs as uid 10001, which is no root'),
  read_only: ours('the root of every container is read-only'),
  cap_drop: ours('every capability is dropped'),
  security_opt: ours('no process gets new privileges'),
  init: ours('signals reach the process, and nobody is left behind'),
  stop_signal: ours('the server gets the signal on which it ends its requests'),
  pull_policy: ours('images go by their content'),
  attach: ours('it only speaks of the terminal of compose up'),
  stop_grace_period: ours('it follows from requestTimeout'),
  mem_reservation: ours('a container has the memory that it may use'),
  working_dir: ours('a command starts in the folder of the code'),
  tty: left('nothing here has a terminal; synth run starts a command with one'),
  stdin_open: left('nothing here has a terminal; synth run starts a command with one'),
  develop: left('it is for development alone; keep this Compose file for that'),
  extra_hosts: left('no counterpart; Compose.of(…).patch(…) adds it on one server, and hostAliases in a cluster'),
  network_mode: left('no counterpart: a container has a network of its own on every target'),
  privileged: left('no counterpart: no container of a stack is privileged'),
  cap_add: left('no counterpart: no container of a stack has capabilities'),
  gpus: left('no counterpart; patch each target for it'),
  devices: left('no counterpart; patch each target for it'),
  platform: left('say it when images are built: synth build --platform'),
  tmpfs: left('only /tmp can be written, unless a Volume is mounted'),
};

/** What a key is answered with that the table does not hold. */
const UNKNOWN = left('no counterpart in a stack; Compose.of(…).patch(…) adds it on one server');

/** Lists every key of a service that is deployed and that nothing takes over. */
export function listKeys({ service, role }: RoledService, book: Notebook): void {
  for (const [key, entry] of service.node.entries) {
    const path = `services.${service.id}.${key}`;
    if (isTaken(key, role)) continue;
    const [kind, message] = ofDatabase(key, role, entry.node) ?? (Object.hasOwn(KEYS, key) ? KEYS[key]! : UNKNOWN);
    if (key.startsWith('x-')) continue;
    if (kind === 'ours') book.drop(entry.at, path, message);
    else book.lose(entry.at, path, message);
  }
  listBelow({ service, role }, book);
}

function isTaken(key: string, role: Role): boolean {
  if (key === 'stop_grace_period') return role === 'worker' || role === 'job';
  return TAKEN.has(key) || (isCode(role) && TAKEN_OF_CODE.has(key));
}

function isCode(role: Role): boolean {
  return role === 'app' || role === 'worker' || role === 'job';
}

function ofDatabase(key: string, role: Role, node: ComposeNode): Answer | undefined {
  if (role !== 'postgres' && role !== 'redis') return undefined;
  if (key === 'healthcheck') return ours('a database is asked in its own words');
  if (key === 'ports')
    return left('not published: only what has it in connections reaches a database; synth run gets you in');
  if (key === 'shm_size') return left('no counterpart; lower work_mem, or patch each target');
  if (key === 'command' && role === 'redis' && ORDINARY.test(textOf(node)))
    return ours('it keeps what it was told and has a password; evict says what goes when memory is full');
  if (key === 'command' || key === 'entrypoint')
    return left('settings of the server come from memory, maxConnections and evict; patch each target for others');
  if (key === 'secrets') return ours('its password is a secret of its own');
  return undefined;
}

/** What a Redis of a stack does anyway. */
const ORDINARY =
  /^(redis|valkey)-server(\s+(--appendonly\s+yes|--requirepass\s+\S*|--maxmemory\s+\S+|--maxmemory-policy\s+\S+|--save(\s+\d+)*|--loglevel\s+\w+))*$/;

/** Keys one floor down, in `build`, `deploy`, `healthcheck`. */
function listBelow({ service, role }: Pick<RoledService, 'service' | 'role'>, book: Notebook): void {
  const { id, node } = service;
  const each = (above: string, known: readonly string[], answer: (key: string) => Answer | undefined) => {
    const parent = nodeAt(node, above);
    for (const [key, entry] of parent?.kind === 'map' ? parent.entries : []) {
      const found = known.includes(key) ? undefined : answer(key);
      if (!found) continue;
      if (found[0] === 'ours') book.drop(entry.at, `services.${id}.${above}.${key}`, found[1]);
      else book.lose(entry.at, `services.${id}.${above}.${key}`, found[1]);
    }
  };
  each('build', ['context', 'dockerfile', 'target'], buildAnswer);
  each('deploy', ['replicas', 'labels'], deployAnswer);
  if (!isCode(role)) listDatabase(service, book);
  else each('healthcheck', ['start_period', ...(role === 'app' ? ['test'] : [])], healthAnswer(role));
  if (role === 'app') listCheck(id, entryAt(node, 'healthcheck', 'test'), book);
}

function buildAnswer(key: string): Answer {
  if (key === 'args') return left('build: { arguments: { … } } of the AsgiApp gives them to a Dockerfile of your own');
  if (key === 'secrets' || key === 'ssh')
    return left('build: { secrets: { … } } of the AsgiApp gives them to the build');
  if (/^(cache_(from|to)|tags|pull|no_cache|labels|platforms|shm_size|network)$/.test(key))
    return ours('synth build takes care of caches, tags and platforms');
  return left('no counterpart in the build of a stack');
}

function deployAnswer(key: string): Answer | undefined {
  if (/^(update_config|rollback_config|restart_policy|endpoint_mode|mode)$/.test(key))
    return ours('updates, rollbacks and restarts follow from the stack, so that no request is lost');
  if (key === 'resources') return undefined;
  if (key === 'placement') return left('no counterpart; patch each target for it');
  return left('no counterpart in a stack');
}

function healthAnswer(role: Role): (key: string) => Answer {
  return (key) => {
    if (key === 'test' && role === 'worker')
      return left('health: { command: […] } of the Worker takes a command that ends with 0 while it is well');
    return ours('how often it is asked follows from health and the target');
  };
}

function listCheck(id: string, check: Entry | undefined, book: Notebook): void {
  if (!check || healthPath(textOf(check.node)) !== undefined || /\bNONE\b/.test(textOf(check.node))) return;
  book.lose(
    check.at,
    `services.${id}.healthcheck.test`,
    'it asks no URL of the app; name a path that answers while it is well: health of the AsgiApp',
  );
}

/** A scalar or a list of words as one text. */
export function textOf(node: ComposeNode | undefined): string {
  if (node?.kind === 'scalar') return node.text;
  return itemsOf(node)
    .map((item) => textOf(item))
    .join(' ');
}

const KNOWN =
  /^(POSTGRES|POSTGRESQL)_(USER(NAME)?|PASSWORD|PASSWORD_FILE|DB|DATABASE)$|^PGDATA$|^(REDIS|VALKEY)_PASSWORD$|^ALLOW_EMPTY_PASSWORD$/;

function listDatabase({ id, node }: RoledService['service'], book: Notebook): void {
  for (const [name, { at }] of pairsOf(nodeAt(node, 'environment')))
    if (!KNOWN.test(name))
      book.lose(
        at,
        `services.${id}.environment.${name}`,
        'no counterpart in a database of a stack; patch each target for it',
      );
  for (const item of itemsOf(nodeAt(node, 'volumes'))) {
    const text = item.kind === 'scalar' ? item.text : textOf(nodeAt(item, 'target'));
    if (text.includes('docker-entrypoint-initdb.d'))
      book.lose(
        item.at,
        `services.${id}.volumes`,
        'what is run when the database is made has no counterpart; do it in a Job',
      );
    else if (/\.conf\b/.test(text))
      book.lose(
        item.at,
        `services.${id}.volumes`,
        'settings of the server have no counterpart; patch each target for them',
      );
  }
}
