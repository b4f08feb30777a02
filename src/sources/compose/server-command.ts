import { unwrap } from './unwrap.js';

/** What a command that serves an ASGI application says. */
export interface ServerCommand {
  readonly server: string;
  /** Import string; absent where the server finds it itself. */
  readonly module: string | undefined;
  readonly factory: boolean;
  readonly workers: number | undefined;
  readonly port: number | undefined;
  readonly rootPath: string | undefined;
  /** Folder from which the module is imported, as the container sees it. */
  readonly folder: string | undefined;
  /** Options that have no counterpart, as they are written. */
  readonly left: readonly string[];
}

interface Options {
  /** Value of the first of these options that is given. */
  value(...names: readonly string[]): string | undefined;
  has(...names: readonly string[]): boolean;
  readonly positional: readonly string[];
  readonly all: readonly (readonly [string, string | undefined])[];
}

/** What is every target's own to say: where it listens, whom it trusts, how long it waits, what it logs of requests. */
const OURS =
  /^--?(H|b|w|k|host|port|bind|workers|worker-class|factory|app-dir|chdir|root-path|proxy-headers|no-proxy-headers|forwarded-allow-ips|timeout-graceful-shutdown|graceful-timeout|timeout-keep-alive|keep-alive|keepalive|access-log|no-access-log|access-logfile|access-logformat|error-logfile|loop|http|ws|interface|worker-tmp-dir|preload|name|n|max-requests|max-requests-jitter|timeout|t|graceful|endpoint|e|app)$/;
const SWITCHES =
  /^(--(reload|factory|preload|daemon|spew|check-config|print-config|capture-output|use-colors|proxy-headers|access-log|server-header|date-header|debug|dev|enable-stdio-inheritance|proxy-protocol|respawn-failed-workers|reuse-port)|--no-.*|-R|-D)$/;

type Reading = (options: Options) => Omit<ServerCommand, 'server' | 'left'> | undefined;

const SERVERS: Readonly<Record<string, Reading>> = {
  uvicorn: (options) => ({
    ...common(options),
    ...named(options.positional[0]),
    rootPath: options.value('--root-path'),
  }),
  hypercorn: (options) => ({
    ...common(options),
    ...named(options.positional[0]),
    rootPath: options.value('--root-path'),
  }),
  daphne: (options) => ({
    ...common(options),
    ...named(options.positional[0]),
    rootPath: options.value('--root-path'),
  }),
  granian: (options) =>
    /^(asgi|asginl)$/i.test(options.value('--interface') ?? '')
      ? { ...common(options), ...named(options.positional[0]), rootPath: options.value('--url-path-prefix') }
      : undefined,
  // With a worker of its own it serves WSGI, or nobody knows what a file of settings says.
  gunicorn: (options) =>
    /uvicorn|asgi/i.test(options.value('-k', '--worker-class') ?? (options.has('-c', '--config') ? 'asgi' : ''))
      ? { ...common(options), ...named(options.positional[0]), rootPath: options.value('--root-path') }
      : undefined,
  fastapi: (options) =>
    /^(run|dev)$/.test(options.positional[0] ?? '')
      ? {
          ...common(options),
          ...fastapiModule(options),
          rootPath: options.value('--root-path'),
        }
      : undefined,
};

/** What a command says that serves an ASGI application; undefined for any other. */
export function serverCommand(words: readonly string[]): ServerCommand | undefined {
  const { words: inner, around } = unwrap(words);
  const [server = '', ...rest] = inner;
  const reading = Object.hasOwn(SERVERS, server) ? SERVERS[server] : undefined;
  const options = optionsIn(rest);
  const read = reading?.(options);
  if (!read) return undefined;
  const left = options.all
    .filter(([name]) => !OURS.test(name))
    .map(([name, value]) => [name, value].filter(Boolean).join(' '));
  return { server, ...read, left: [...around, ...left] };
}

function common(options: Options): Pick<ServerCommand, 'factory' | 'workers' | 'port' | 'folder'> {
  const bind = options.value('-b', '--bind');
  return {
    factory: options.has('--factory'),
    workers: whole(options.value('-w', '--workers')),
    port: whole(options.value('--port', '-p') ?? /:(\d+)$/.exec(bind ?? '')?.[1]),
    folder: options.value('--app-dir', '--chdir'),
  };
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}

const IMPORT = /^([A-Za-z_][\w.]*)(?::([A-Za-z_][\w.]*)(\(\s*\))?)?$/;

/** Gunicorn calls what has parentheses behind it. A missing attribute is `app` to hypercorn, `application` to Gunicorn: the first is likelier. */
function named(text: string | undefined): Pick<ServerCommand, 'module'> & { readonly factory?: boolean } {
  const [, module, attribute = 'app', call] = IMPORT.exec(text ?? '') ?? [];
  return { module: module && `${module}:${attribute}`, ...(call === undefined ? {} : { factory: true }) };
}

/** `fastapi run backend/main.py --app api`: the path is a file, and its module begins where the packages do. */
function fastapiModule({ positional, value }: Options): Pick<ServerCommand, 'module'> {
  const entry = value('--entrypoint', '-e');
  if (entry !== undefined) return named(entry);
  const path = positional[1];
  if (path === undefined || !path.endsWith('.py')) return { module: undefined };
  const module = path
    .replace(/^(\.|\/app|\/code|\/src|\/usr\/src\/app)\//, '')
    .replace(/\.py$/, '')
    .replaceAll('/', '.');
  return named(`${module}:${value('--app') ?? 'app'}`);
}

function optionsIn(words: readonly string[]): Options {
  const all: [string, string | undefined][] = [];
  const positional: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, name = word, joined] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? /^(-[a-zA-Z])(.+)$/.exec(word) ?? [];
    if (!word.startsWith('-') || word === '-') positional.push(word);
    else if (SWITCHES.test(word)) all.push([word, undefined]);
    else if (word.startsWith('--') ? joined !== undefined : joined !== undefined) all.push([name, joined]);
    else all.push([word, words[++at]]);
  }
  const find = (names: readonly string[]) => all.find(([name]) => names.includes(name));
  return { all, positional, has: (...names) => find(names) !== undefined, value: (...names) => find(names)?.[1] };
}
