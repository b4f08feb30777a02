import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { dockerfile, type DockerfileValues } from '../formats/dockerfile.js';
import type { AsgiApp } from '../model/app.js';
import { defaultsOf } from '../model/defaults.js';
import type { Stack } from '../model/stack.js';
import { deployedName } from '../model/tree.js';
import type { Source } from '../sources/source.js';
import type { SynthesizeOptions } from './target.js';

/** How many processes the image holds: one Uvicorn, or Gunicorn with Uvicorn workers. */
export type Flavour = 'uvicorn' | 'gunicorn';

/** A stack on its way to one target: what every file of the output asks for. */
export interface Context {
  readonly stack: Stack;
  readonly target: string;
  readonly flavour: Flavour;
  readonly options: SynthesizeOptions;
  /** Name of the stack as deployed, with its stage. */
  readonly name: string;
  /** Folder of the output, relative to the project root. */
  readonly out: string;
  /** Lines for the head of every file, without comment signs: what made it, and how to remake it. */
  readonly header: readonly string[];
  /** Image reference of each app. */
  readonly images: ReadonlyMap<AsgiApp, string>;
}

export function contextOf(stack: Stack, target: string, flavour: Flavour, options: SynthesizeOptions): Context {
  const name = deployedName(stack, options.stage);
  const out = options.out ?? `out/${name}/${target}`;
  const bare = {
    stack,
    target,
    flavour,
    options,
    name,
    out,
    header: headerLines(target, options, { name, out }),
    images: new Map(),
  };
  return { ...bare, images: new Map(stack.apps.map((app) => [app, resolveImage(app, bare)])) };
}

function headerLines(
  target: string,
  options: SynthesizeOptions,
  { name, out }: { name: string; out: string },
): string[] {
  const stackFile = options.stackFile;
  const words = [
    ...['npx', 'synth'],
    ...(stackFile === undefined ? [] : ['--stack', stackFile]),
    ...['--target', target],
    ...(options.stage === undefined ? [] : ['--stage', options.stage]),
    ...(out === `out/${name}/${target}` ? [] : ['--out', posix.dirname(out)]),
    ...(options.tag === undefined ? [] : ['--tag', options.tag]),
    ...Object.entries(options.images ?? {})
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([image, reference]) => ['--image', `${image}=${reference}`]),
  ];
  const from = stackFile === undefined ? 'a stack' : stackFile;
  return [
    `Made by asgi-synth from ${from}. Do not edit: change the stack, then run`,
    `  ${words.map(shellWord).join(' ')}`,
  ];
}

/** A word for a command line that a person copies into a shell. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Image reference of an app; with its digest where the lock file has one. */
export function appImage(app: AsgiApp, { images }: Context): string {
  const image = images.get(app);
  if (image === undefined) throw new Error(`${app.node.path} is not part of the stack`);
  return image;
}

function resolveImage(app: AsgiApp, context: Context): string {
  return withDigest(givenImage(app.node.id, context) ?? app.image ?? builtImage(app, context), context);
}

/** Whether the image of an app is built from its source folder for this output. */
export function isBuilt(app: AsgiApp, context: Context): boolean {
  return app.source !== undefined && givenImage(app.node.id, context) === undefined;
}

/** Reference of a third-party image; with its digest where the lock file has one. */
export function thirdPartyImage(name: 'certbot' | 'nginx', context: Context): string {
  return givenThirdParty(name, defaultsOf(context.stack).images[name], context);
}

/** The image of a name whose default is more than one. */
export function givenThirdParty(name: string, normal: string, context: Context): string {
  return withDigest(givenImage(name, context) ?? context.stack.images[name] ?? normal, context);
}

function builtImage(app: AsgiApp, context: Context): string {
  const { registry, name } = context.stack;
  const suffix = context.flavour === 'gunicorn' ? '-gunicorn' : '';
  const tag = context.options.tag ?? contentTag(app, context);
  return `${registry === undefined ? '' : `${registry}/`}${name}-${app.node.id}:${tag}${suffix}`;
}

/** A tag that changes exactly when something that goes into the image does; comments do not. */
function contentTag(app: AsgiApp, context: Context): string {
  const { digest } = sourceOf(app, context);
  const values =
    app.build.dockerfile === undefined ? dockerfile({ ...dockerfileValues(app, context), header: [] }) : '';
  return contentHash(JSON.stringify([digest, values, app.build.arguments ?? {}]));
}

/** The Dockerfile of an app, unless it has one of its own. */
export function appDockerfile(app: AsgiApp, context: Context): string {
  return dockerfile(dockerfileValues(app, context));
}

/** Reference of the image that an app is built on; with its digest where the lock file has one. */
export function baseImage(app: AsgiApp, context: Context): string {
  const named = givenImage('python', context) ?? context.stack.images['python'];
  return withDigest(named ?? pythonImage(app, context), context);
}

/** The official Python image for the minor version that a source folder asks for. */
function pythonImage(app: AsgiApp, context: Context): string {
  const { minor } = sourceOf(app, context).python;
  const image = defaultsOf(context.stack).images.python[minor];
  if (image === undefined) throw new Error(`no image for Python ${minor}`);
  return image;
}

/** What the Dockerfile of an app says. */
export function dockerfileValues(app: AsgiApp, context: Context): DockerfileValues {
  const source = sourceOf(app, context);
  if (!source.dependencies) throw new Error(`${app.node.path} has no dependencies to install`);
  return {
    header: context.header,
    base: baseImage(app, context),
    flavour: context.flavour,
    module: app.module,
    factory: app.factory,
    port: app.port,
    folder: source.folder,
    importRoot: source.importRoot,
    dependencies: source.dependencies,
    locked: source.locked,
    systemPackages: app.build.systemPackages ?? [],
    arguments: app.build.arguments ?? {},
    secrets: app.build.secrets ?? {},
    folders: Object.keys(app.volumes).toSorted(),
  };
}

/** What the source folder of an app holds. */
export function sourceOf(app: AsgiApp, { options }: Context): Source {
  const source = options.sources?.get(app.node.path);
  if (!source) throw new Error(`the source of ${app.node.path} was not read; pass it in options.sources`);
  return source;
}

/** Path from the folder of the output to a file or folder of the project. */
export function fromOutput(path: string, { out, options }: Context): string {
  const way = isInside(out) || options.root === undefined ? between(out, path) : posix.join(options.root, path);
  return way === '' ? '.' : way;
}

/** Path from a folder of the project to a file of the output. */
export function toOutput(folder: string, path: string, { out }: Context): string {
  return between(folder, posix.join(out, path));
}

/** Deep enough that no `..` of a project leads above it. */
const ROOT = `/${Array.from({ length: 40 }, () => 'p').join('/')}`;

function between(from: string, to: string): string {
  return posix.relative(posix.resolve(ROOT, from), posix.resolve(ROOT, to));
}

function isInside(path: string): boolean {
  return !posix.normalize(path).startsWith('..');
}

/** Reference of an image that was named on the command line. */
export function givenImage(name: string, { options: { images = {} } }: Context): string | undefined {
  return Object.hasOwn(images, name) ? images[name] : undefined;
}

/** A reference with the digest that the lock file has for it. */
export function withDigest(reference: string, { options: { digests = {} } }: Context): string {
  const digest = hasDigest(reference) || !Object.hasOwn(digests, reference) ? undefined : digests[reference];
  return digest === undefined ? reference : `${reference}@${digest}`;
}

/** An image reference as a build or a registry's list of tags knows it. */
export function withoutDigest(reference: string): string {
  return reference.split('@')[0]!;
}

/** Whether a reference names one image for good: it is in a registry then, and cannot be the name of one that is built. */
export function hasDigest(reference: string): boolean {
  return reference.includes('@');
}

/** Twelve hex digits that name a content. */
export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
