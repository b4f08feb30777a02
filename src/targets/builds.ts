import type { AsgiApp } from '../model/app.js';
import { appImage, fromOutput, isBuilt, sourceOf, withoutDigest, type Context } from './context.js';
import { staticBuilds } from './statics.js';

/** An image that an output needs and that is built from a source folder. Paths are relative to the folder of the output. */
export interface ImageBuild {
  readonly app: AsgiApp;
  /** Name of what it is for, by which the command line can name another image in its place. */
  readonly id: string;
  /** Reference under which it is stored: with its tag, without a digest, which it has only afterwards. */
  readonly image: string;
  readonly dockerfile: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecretSource[];
  /** Folder that the build may read. */
  readonly folder: string;
}

/** Where the value of a build's secret is: in a variable of who builds, or in a file. */
export interface BuildSecretSource {
  readonly id: string;
  readonly environment?: string;
  readonly file?: string;
}

/** What the images of an output are built from. */
export function imageBuilds(context: Context): ImageBuild[] {
  // An image of static files may be made from that of its app.
  return [
    ...context.stack.apps.filter((app) => isBuilt(app, context)).map((app) => imageBuild(app, context)),
    ...staticBuilds(context),
  ];
}

function imageBuild(app: AsgiApp, context: Context): ImageBuild {
  const source = sourceOf(app, context);
  const folder = fromOutput(source.context, context);
  const own = source.dockerfile !== undefined;
  return {
    app,
    id: app.node.id,
    image: withoutDigest(appImage(app, context)),
    dockerfile: own ? `${folder}/${source.dockerfile}` : `${app.node.id}/Dockerfile`,
    // Our own Dockerfile holds them already.
    arguments: own ? (app.build.arguments ?? {}) : {},
    secrets: Object.entries(app.build.secrets ?? {}).map(([id, { environment, file }]) => ({
      id,
      ...(file === undefined ? { environment: environment ?? id } : { file: fromOutput(file, context) }),
    })),
    folder,
  };
}

/** Arguments of `docker` that build an image, from the folder of the output. */
export function buildArguments(
  { image, dockerfile, arguments: values, secrets, folder }: ImageBuild,
  { push, platform, progress }: { readonly push: boolean; readonly platform?: string; readonly progress?: 'plain' },
): string[] {
  return [
    ...['buildx', 'build', '--file', dockerfile],
    ...(progress === undefined ? [] : ['--progress', progress]),
    ...(platform === undefined ? [] : ['--platform', platform]),
    ...Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...secrets.flatMap(({ id, environment, file }) => [
      '--secret',
      file === undefined ? `id=${id},env=${environment}` : `id=${id},src=${file}`,
    ]),
    ...['--tag', image, push ? '--push' : '--load', folder],
  ];
}
