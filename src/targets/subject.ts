import type { IConstruct } from 'constructs';
import type { Place } from '../formats/places/place.js';
import type { Stack } from '../model/stack.js';
import type { AsgiApp } from '../model/app.js';
import { configFilesOf, runningOf, secretsOf, staticId, volumesOf, withStatic } from '../model/tree.js';
import { ACME } from './acme.js';
import { configKey } from './config-files.js';
import { kindOf } from './support.js';

/** What a place of an output is about, and the path by which its reason is found. */
export interface Subject {
  /** The construct that it was made for; the stack itself for an edge of ours, and for what belongs to all. */
  readonly construct: IConstruct;
  /** As the place's own, with kinds of constructs in the place of their names: `services.AsgiApp.image`. `Edge` is an nginx of ours, `Acme` what gets its certificate, `Static` the nginx with the static files of an app. */
  readonly path: readonly string[];
  /** Whether it stands beside what the construct itself is, so that patches of the construct are not for it. */
  readonly isBeside?: true;
}

/** The subject of a place in a file that every target writes alike: what an image is built from, the configuration of nginx, scripts. */
export function commonSubject(file: string, { path, about }: Place, stack: Stack): Subject | undefined {
  const [folder = '', name = ''] = file.includes('/') ? file.split('/') : ['', file];
  const app = stack.apps.find(({ node }) => node.id === folder);
  if (folder === 'files')
    return { construct: configFilesOf(stack).find(({ node }) => node.id === name) ?? stack, path: ['file'] };
  if (app && ['Dockerfile', 'Dockerfile.dockerignore', 'gunicorn.conf.py', 'logging.json'].includes(name))
    return { construct: app, path: [name, ...path] };
  const files = withFiles(folder, stack);
  if (files) return ofFiles(files, [name, ...path]);
  if (name === 'nginx.conf') return { construct: named(about, stack), path: [name, ...path] };
  if (folder === 'runtime' || name === 'README.md' || file === '.gitignore')
    return { construct: stack, path: [name, ...path] };
  return undefined;
}

/** The app whose static files something of this name has. */
export function withFiles(name: string, stack: Stack): AsgiApp | undefined {
  return withStatic(stack).find((app) => staticId(app) === name);
}

/** What the image of the files is built from is partly what that of the app is. */
function ofFiles(construct: AsgiApp, path: readonly string[]): Subject {
  const isShared = path[0] === 'Dockerfile.dockerignore' || path[1] === 'build' || path[1] === 'head';
  return { construct, path: isShared ? path : ['Static', ...path], isBeside: true };
}

/** The subject of a place in `compose.yaml` or `stack.yaml`. */
export function dockerSubject(file: string, { path }: Place, stack: Stack): Subject {
  const [top = '', id, ...rest] = path;
  if (id === undefined) return { construct: stack, path };
  const files = top === 'services' || top === 'configs' ? withFiles(id, stack) : undefined;
  if (files) return { construct: files, path: [top, 'Static', ...rest], isBeside: true };
  // A job of a Swarm has a file of its own, in which its service is named alike for all of them.
  const job = /^jobs\/(.*)\.yaml$/.exec(file)?.[1];
  const construct = CONSTRUCTS[top]?.(top === 'services' ? (job ?? id) : id, stack);
  if (top === 'services' && construct === undefined)
    return { construct: stack, path: [top, id === ACME ? 'Acme' : 'Edge', ...rest] };
  return construct === undefined
    ? { construct: stack, path }
    : { construct, path: [top, kindOf(construct) ?? id, ...rest] };
}

const CONSTRUCTS: Readonly<Record<string, (id: string, stack: Stack) => IConstruct | undefined>> = {
  services: (id, stack) => runningOf(stack).find(({ node }) => node.id === id),
  volumes: (id, stack) => [...volumesOf(stack), ...runningOf(stack)].find(({ node }) => node.id === id),
  secrets: (id, stack) => secretsOf(stack).find(({ node }) => node.id === id) ?? builtFor(id, stack),
  configs: (id, stack) =>
    configFilesOf(stack).find((file) => configKey(file) === id) ??
    stack.apps.find(({ node }) => [`${node.id}-gunicorn`, `${node.id}-logging`].includes(id)),
};

/** A secret of a build is named by its app. */
function builtFor(id: string, { apps }: Stack): IConstruct | undefined {
  return apps.find(({ node, build }) =>
    Object.keys(build.secrets ?? {}).some((one) => `build-${node.id}-${one}` === id),
  );
}

function named(id: string | undefined, stack: Stack): IConstruct {
  return stack.apps.find(({ node }) => node.id === id) ?? stack;
}
