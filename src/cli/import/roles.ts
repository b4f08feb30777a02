import { posix } from 'node:path';
import {
  dependenciesIn,
  type ComposeFile,
  type ComposeService,
  type ReadText,
} from '../../sources/compose/compose-file.js';
import { dockerfileFacts, type DockerfileFacts } from '../../sources/compose/dockerfile-facts.js';
import { imageKind } from '../../sources/compose/images.js';
import { entryAt, nodeAt, textAt } from '../../sources/compose/node.js';
import { serverCommand } from '../../sources/compose/server-command.js';
import { taskKind } from '../../sources/compose/task-command.js';
import { commandOf, type Command } from '../../sources/compose/words.js';
import type { BuildPlace, Role, RoledService } from './draft.js';
import { placeOf } from './notebook.js';

/** What is known of a folder's code. */
export interface KnownCode {
  /** Whether the folder, or one below it, holds an ASGI application. */
  holdsApplication(folder: string): boolean;
}

/** What each service becomes. */
export function rolesOf(compose: ComposeFile, code: KnownCode): RoledService[] {
  const awaited = new Set(
    compose.services.flatMap((service) =>
      [...dependenciesIn(service)]
        .filter(([, condition]) => condition === 'service_completed_successfully')
        .map(([id]) => id),
    ),
  );
  return compose.services.map((service) => roled(compose, service, { code, isAwaited: awaited.has(service.id) }));
}

interface Knowledge {
  readonly code: KnownCode;
  readonly isAwaited: boolean;
}

function roled(compose: ComposeFile, service: ComposeService, known: Knowledge): RoledService {
  const build = buildOf(compose, service);
  const facts = build && factsOf(build, compose.readText);
  const image = textAt(service.node, 'image');
  const { command, commandAt } = commandFor(service, { build, facts });
  const steps = command?.steps ?? [];
  const at = steps.findIndex((step) => serverCommand(step) !== undefined);
  const server = at === -1 ? undefined : serverCommand(steps[at] ?? []);
  const base = { service, build, image, command, commandAt, server, before: at === -1 ? [] : steps.slice(0, at) };
  return { ...base, role: roleOf(base, { ...known, facts }) };
}

/** Path of something in the project; undefined where it lies outside. */
export function pathInProject(...parts: readonly string[]): string | undefined {
  const path = posix.join(...parts);
  return path.startsWith('..') || path.startsWith('/') ? undefined : path.replace(/(?<=.)\/$/, '');
}

function buildOf({ folder }: ComposeFile, { node }: ComposeService): BuildPlace | undefined {
  const build = nodeAt(node, 'build');
  const named = build?.kind === 'scalar' ? build.text : (textAt(build, 'context') ?? (build ? '.' : undefined));
  if (named === undefined || named === '' || /^(\w+:|git@)/.test(named)) return undefined;
  const context = posix.isAbsolute(named) ? undefined : pathInProject(folder, named);
  if (context === undefined) return undefined;
  const dockerfile = pathInProject(context, textAt(build, 'dockerfile') ?? 'Dockerfile') ?? '';
  return { context, dockerfile, target: textAt(build, 'target') };
}

/** What the Dockerfile of a service says. */
export function factsOf({ dockerfile, target }: BuildPlace, readText: ReadText): DockerfileFacts | undefined {
  const text = readText(dockerfile);
  return text === undefined ? undefined : dockerfileFacts(text, target);
}

interface Made {
  readonly build: BuildPlace | undefined;
  readonly facts: DockerfileFacts | undefined;
}

/** What the Compose file says, else the Dockerfile. */
function commandFor(
  { node }: ComposeService,
  { build, facts }: Made,
): { readonly command: Command | undefined; readonly commandAt: string | undefined } {
  const own = commandOf(nodeAt(node, 'entrypoint'), nodeAt(node, 'command'));
  const entry = entryAt(node, 'command') ?? entryAt(node, 'entrypoint');
  if (own && entry) return { command: own, commandAt: placeOf(entry.at) };
  return { command: facts?.command, commandAt: facts?.command && build?.dockerfile };
}

type Unroled = Omit<RoledService, 'role'>;

function roleOf(
  { service, server, image = '', command, build }: Unroled,
  { code, isAwaited, facts }: Knowledge & { readonly facts: DockerfileFacts | undefined },
): Role {
  if (server) return 'app';
  const kinds = (command?.steps ?? []).map(taskKind);
  const last = kinds.findLast((kind) => kind !== undefined);
  if (last === 'clock') return 'clock';
  if (last === 'monitor') return 'other';
  if (last === 'worker' || last === 'scheduler') return 'worker';
  if (isAwaited || last === 'migration') return 'job';
  const byImage = imageKind(build ? (facts?.base ?? '') : image);
  if (byImage !== undefined && !(build && byImage !== 'edge')) return byImage;
  if (!build || isOther(build, facts?.base, code)) return 'other';
  return hasOwnWords(service) && !startsCode(command) ? generalRole(service) : 'app';
}

const OTHER_BASES = /^(.*\/)?(node|bun|deno|golang|rust|ruby|php|openjdk|eclipse-temurin|nginx|caddy|httpd)(:|$)/;

/** Whether an image has nothing to do with the code of an application: by what it is made from, or by where its Dockerfile lies. */
function isOther({ context, dockerfile }: BuildPlace, base: string | undefined, code: KnownCode): boolean {
  const folder = posix.dirname(dockerfile);
  const isElsewhere = base === undefined && folder !== context && !code.holdsApplication(folder);
  return isElsewhere || OTHER_BASES.test(base ?? '') || !code.holdsApplication(context);
}

function hasOwnWords({ node }: ComposeService): boolean {
  return nodeAt(node, 'command') !== undefined || nodeAt(node, 'entrypoint') !== undefined;
}

/** `python main.py` and a script named start or run may well serve: whether the code serves is asked there. */
function startsCode(command: Command | undefined): boolean {
  const last = command?.steps?.at(-1) ?? [];
  return (
    last.some((word) => /(^|\/)(start|start-reload|run|serve|entrypoint|docker-entrypoint)(\.sh)?$/.test(word)) ||
    (/^python[\d.]*$/.test(last[0] ?? '') && /(^|[/.])(main|app|server|run|asgi|wsgi)(\.py)?$/.test(last.at(-1) ?? ''))
  );
}

/** A command of its own in the image of an app: it ends, or it goes on. */
function generalRole({ node }: ComposeService): Role {
  const restart = textAt(node, 'restart');
  return restart === 'no' || restart?.startsWith('on-failure') ? 'job' : 'worker';
}
