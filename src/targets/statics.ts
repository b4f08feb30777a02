import {
  inSource,
  staticDockerfile,
  type StaticCopy,
  type StaticDockerfileValues,
} from '../formats/dockerfile/static.js';
import { nginxStaticConfig, type NginxStaticValues } from '../formats/nginx/static.js';
import type { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import { staticId, withStatic } from '../model/tree.js';
import type { ImageBuild } from './builds.js';
import { EDGE_LEAVING } from './containers.js';
import {
  appImage,
  contentHash,
  dockerfileValues,
  fromOutput,
  givenImage,
  sourceOf,
  thirdPartyImage,
  withDigest,
  withoutDigest,
  type Context,
} from './context.js';
import { EDGE_PORT } from './edge.js';
import type { Footprint } from './footprint.js';
import type { OutputFile } from './target.js';

/** Containers of static files where there are several: while one is of a new version already, the other still has the files of the old one. */
export const STATIC_REPLICAS = 2;

/** Seconds between the first container of a new version and the end of one of the old: an update of the app is mostly done in twice that. */
export const STATIC_OVERLAP = 30;

/** Bytes that one of them may take: nginx, and its tmpfs. */
export const STATIC_MEMORY = 64 * 2 ** 20;
export const STATIC_TEMPORARY = 16 * 2 ** 20;

/** Cores that one of them may use. */
export const STATIC_CPU = 0.5;

/** Seconds that nginx may take until it is healthy. */
export const STATIC_STARTUP = 30;

/** Seconds that the longest download may go on when its container stops. */
export const STATIC_SHUTDOWN = 40;

/** Port on which a container gives others the files that they do not have. */
export const STATIC_PEERS_PORT = 8082;

/** What the static files of apps take: `containers` of them for each app, and one more while an update starts it first. */
export function staticFootprint(stack: Stack, each: Pick<Footprint, 'containers' | 'cpuEach'>): Footprint[] {
  return withStatic(stack).map((app) => ({
    id: staticId(app),
    processes: each.containers,
    memoryEach: STATIC_MEMORY,
    surge: STATIC_MEMORY,
    ...each,
  }));
}

/** Reference of the image with the static files of an app; with its digest where the lock file has one. */
export function staticImage(app: AsgiApp, context: Context): string {
  const { registry, name } = context.stack;
  const built = () =>
    `${registry === undefined ? '' : `${registry}/`}${name}-${staticId(app)}:${staticTag(app, context)}`;
  return withDigest(givenImage(staticId(app), context) ?? built(), context);
}

/** Whether the image is built for this output. */
export function isStaticBuilt(app: AsgiApp, context: Context): boolean {
  return app.static.length > 0 && givenImage(staticId(app), context) === undefined;
}

/** Of the folders alone where nothing else has a part in them, so that a change of code replaces no container of files. */
function staticTag(app: AsgiApp, context: Context): string {
  if (context.options.tag !== undefined) return context.options.tag;
  const text = staticDockerfile({ ...dockerfileOf(app, context), header: [] });
  if (app.source === undefined) return contentHash(text);
  const { digest, folders = {} } = sourceOf(app, context);
  return contentHash(JSON.stringify([text, hasCommands(app) ? digest : folders, app.build.arguments ?? {}]));
}

function hasCommands(app: AsgiApp): boolean {
  return app.static.some(({ command }) => command !== undefined);
}

function dockerfileOf(app: AsgiApp, context: Context): StaticDockerfileValues {
  return {
    header: context.header,
    nginx: thirdPartyImage('nginx', context),
    app: madeFrom(app, context),
    folders: app.static.map((one) => copy(app, one, context)),
  };
}

function madeFrom(app: AsgiApp, context: Context): StaticDockerfileValues['app'] {
  if (app.source === undefined) return { image: appImage(app, context) };
  if (!hasCommands(app)) return undefined;
  const commands = app.static.flatMap(({ command }) => (command === undefined ? [] : [command]));
  // Whatever the target: the image of the files is one for all of them.
  const build = { ...dockerfileValues(app, context), flavour: 'uvicorn' as const };
  return { build, commands: [...new Map(commands.map((command) => [JSON.stringify(command), command])).values()] };
}

function copy(app: AsgiApp, { path, folder, command }: AsgiApp['static'][number], context: Context): StaticCopy {
  const to = staticPath(app, path);
  if (app.source === undefined) return { isOfApp: true, from: folder, to };
  const source = sourceOf(app, context);
  if (command !== undefined) return { isOfApp: true, from: `${inSource(source)}/${folder}`, to };
  return { isOfApp: false, from: source.folder === '.' ? folder : `${source.folder}/${folder}`, to };
}

/** Path of a folder of static files as clients ask for it. */
export function staticPath({ pathPrefix }: AsgiApp, path: string): string {
  return `${pathPrefix === '/' ? '' : pathPrefix}${path}`;
}

/** The Dockerfiles of static files, with what their builds leave out. */
export function staticImageFiles(context: Context): OutputFile[] {
  return withStatic(context.stack)
    .filter((app) => isStaticBuilt(app, context))
    .flatMap((app) => [
      { path: `${staticId(app)}/Dockerfile`, content: staticDockerfile(dockerfileOf(app, context)) },
      ...(app.source === undefined
        ? []
        : [{ path: `${staticId(app)}/Dockerfile.dockerignore`, content: sourceOf(app, context).dockerignore }]),
    ]);
}

/** What the images of static files are built from. */
export function staticBuilds(context: Context): ImageBuild[] {
  return withStatic(context.stack)
    .filter((app) => isStaticBuilt(app, context))
    .map((app) => ({
      app,
      id: staticId(app),
      image: withoutDigest(staticImage(app, context)),
      dockerfile: `${staticId(app)}/Dockerfile`,
      arguments: {},
      secrets: hasCommands(app) ? buildSecrets(app, context) : [],
      folder: staticFolder(app, context),
    }));
}

/** Folder that the build may read: that of the source, or for an image of somebody else one in which there is nothing. */
export function staticFolder(app: AsgiApp, context: Context): string {
  return app.source === undefined ? `./${staticId(app)}` : fromOutput(sourceOf(app, context).context, context);
}

function buildSecrets(app: AsgiApp, context: Context): ImageBuild['secrets'] {
  return Object.entries(app.build.secrets ?? {}).map(([id, { environment, file }]) => ({
    id,
    ...(file === undefined ? { environment: environment ?? id } : { file: fromOutput(file, context) }),
  }));
}

/** The configuration of the nginx that has the static files of an app. */
export function staticConfig(
  app: AsgiApp,
  network: Pick<NginxStaticValues, 'header' | 'peers' | 'status' | 'resolver'>,
): string {
  return nginxStaticConfig({
    ...network,
    port: EDGE_PORT,
    peersPort: STATIC_PEERS_PORT,
    shutdown: STATIC_SHUTDOWN,
    leaving: EDGE_LEAVING,
    folders: app.static.map(({ path, hashed, maxAge }) => ({ path: staticPath(app, path), hashed, maxAge })),
  });
}
