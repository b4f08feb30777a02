import { parse, parseAllDocuments } from 'yaml';
import { AsgiApp, Stack, synthesize, type OutputFile, type TargetName } from '../../src/index.js';
import { CHAIN, FILES, OBJECTS, type Described } from './descriptions.js';
import { code, table } from './markers.js';

/** The stacks of this project, by the name of their file. */
export type Stacks = ReadonlyMap<string, Stack>;

/** What a target writes for the smallest stack, and what it writes for others beside that. */
export function filesOf(target: string, stacks: Stacks): string {
  const known = described(FILES, target);
  const small = outputOf('hello', target, stacks);
  const seen = new Set(small.map(({ path }) => found(known, path)));
  const more = [...stacks.keys()].flatMap((name) =>
    outputOf(name, target, stacks)
      .filter(({ path }) => !seen.has(found(known, path)))
      .map(({ path }) => ({ name, path, entry: found(known, path) })),
  );
  const firsts = known.flatMap((entry) => more.find((one) => one.entry === entry) ?? []);
  const idle = known.filter((entry) => !seen.has(entry) && !firsts.some((first) => first.entry === entry));
  if (idle.length > 0) throw new Error(`no stack on ${target} has ${idle.map(({ name }) => name).join(', ')}`);
  return [
    `The smallest stack, \`stacks/hello.ts\`, becomes ${small.length} files:`,
    '',
    table(
      ['file', 'lines', 'what it is'],
      small.map(({ path, content }) => [code(path), String(content.split('\n').length - 1), found(known, path).what]),
    ),
    '',
    'Other stacks have more:',
    '',
    table(
      ['file', 'in the output of', 'what it is'],
      firsts.map(({ name, path, entry }) => [code(path), code(`stacks/${name}.ts`), entry.what]),
    ),
  ].join('\n');
}

/** The one description of a path, or of a kind of object. */
function found(known: readonly Described[], path: string): Described {
  const fitting = known.filter(({ pattern }) => pattern.test(path));
  if (fitting.length !== 1)
    throw new Error(`${path} has ${fitting.length} descriptions in docs/tools/descriptions.ts, not one`);
  return fitting[0]!;
}

function described<T>(all: Readonly<Record<string, T>>, target: string): T {
  const known = all[target];
  if (known === undefined) throw new Error(`docs/tools/descriptions.ts describes no ${target}`);
  return known;
}

function outputOf(name: string, target: string, stacks: Stacks): OutputFile[] {
  const stack = stacks.get(name);
  if (!stack) throw new Error(`there is no stacks/${name}.ts`);
  return synthesize(stack, target as TargetName, { stackFile: `stacks/${name}.ts` });
}

interface Service {
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly image: string;
  readonly stop_grace_period?: string;
  readonly deploy?: {
    readonly mode?: string;
    readonly replicas?: number;
    readonly resources?: { readonly limits?: { readonly memory?: string } };
  };
}

/** A stack for each kind of construct that has processes. */
const WITH_PROCESSES = ['hello', 'worker', 'migrations', 'schedules', 'data'];

/** Every kind of container there is on a target, with what runs in it. */
export function processesOf(target: string, stacks: Stacks): string {
  if (target === 'kubernetes') return objectsOf(stacks);
  const file = target === 'swarm' ? 'stack.yaml' : 'compose.yaml';
  const seen = new Set<string>();
  const rows = WITH_PROCESSES.flatMap((name) => {
    const files = outputOf(name, target, stacks);
    const jobs = files.filter(({ path }) => path.startsWith('jobs/'));
    return [...files.filter(({ path }) => path === file), ...jobs].flatMap(({ path, content }) => {
      const { services } = parse(content) as { services: Readonly<Record<string, Service>> };
      return Object.entries(services).flatMap(([id, service]) => {
        if (seen.has(id)) return [];
        seen.add(id);
        return [[code(id), code(`stacks/${name}.ts`), code(path), ...cellsOf(service)]];
      });
    });
  });
  return table(['service', 'of', 'file', 'containers', 'what runs', 'memory limit', 'stopped after at most'], rows);
}

function cellsOf({ command, entrypoint, deploy, stop_grace_period: grace }: Service): string[] {
  const words = command ?? entrypoint ?? [];
  const shown = words.length > 5 ? `${words.slice(0, 5).join(' ')} …` : words.join(' ');
  const count = deploy?.mode === 'global' ? 'one a node' : String(deploy?.replicas ?? 1);
  return [
    count,
    shown === '' ? 'the command of the image' : code(shown.replace(/\s+/g, ' ')),
    deploy?.resources?.limits?.memory ?? '',
    grace ?? '',
  ];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Every kind of object there is in the outputs for a cluster, with what it is for. */
function objectsOf(stacks: Stacks): string {
  const known = Object.entries(OBJECTS);
  const rows = known.map(([kind, what]) => {
    const where = [...stacks.keys()].flatMap((name) =>
      outputOf(name, 'kubernetes', stacks)
        .filter(({ path, content }) => path.endsWith('.yaml') && manifestsIn(content).some((one) => one.kind === kind))
        .map(({ path }) => [code(path), code(`stacks/${name}.ts`)]),
    );
    if (!where[0]) throw new Error(`no stack has a ${kind}`);
    return [code(kind), ...where[0], what];
  });
  for (const name of stacks.keys())
    for (const { path, content } of outputOf(name, 'kubernetes', stacks).filter(({ path }) => path.endsWith('.yaml')))
      for (const { kind } of manifestsIn(content))
        if (!Object.hasOwn(OBJECTS, kind))
          throw new Error(`docs/tools/descriptions.ts does not describe ${kind} of ${path}`);
  return table(['object', 'for example in', 'of', 'what it is for'], rows);
}

function manifestsIn(content: string): Manifest[] {
  return parseAllDocuments(content).map((document) => document.toJS() as Manifest);
}

/** Seconds that a request may take in the columns of the tables. */
const REQUESTS = [10, 60, 300];

/** The chain of timeouts as the files of an output have it. */
export function timeoutsOn(target: string): string {
  const outputs = REQUESTS.map((requestTimeout) => exampleOutput(target, requestTimeout));
  return table(
    ['what', 'where', ...REQUESTS.map((seconds) => `\`requestTimeout: ${seconds}\``)],
    described(CHAIN, target).map(({ what, file, name, pattern }) => [
      what,
      `${code(name)} in ${code(file)}`,
      ...outputs.map((files) => figure(files, file, pattern)),
    ]),
  );
}

/** An output of an app from a ready image, with nginx in front on every target. */
function exampleOutput(target: string, requestTimeout: number): readonly OutputFile[] {
  const stack = new Stack('shop', { edge: 'nginx', accept: { 'request-timeout': 'to show what is left' } });
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', requestTimeout });
  return synthesize(stack, target as TargetName);
}

function figure(files: readonly OutputFile[], path: string, pattern: RegExp): string {
  const content = files.find((file) => file.path === path)?.content ?? '';
  const [, seconds] = pattern.exec(content) ?? [];
  if (seconds === undefined) throw new Error(`${path} has nothing like ${String(pattern)}`);
  return `${seconds} s`;
}
