import { buildStage } from '../dockerfile.js';
import { comment, execForm, path, reference } from './escape.js';
import type { DockerfileValues } from './values.js';

/** What a Dockerfile for files says that nginx serves. Paths may hold letters, digits and `._+@~-` alone. */
export interface StaticDockerfileValues {
  /** Lines above everything, without `#`: what made the file, and from what. */
  readonly header: readonly string[];
  /** Reference of the nginx image of all stages that need no Python. */
  readonly nginx: string;
  /** Where folders come from that are no part of the build context: what an app's own image is built from, or that image. */
  readonly app?:
    | { readonly build: DockerfileValues; readonly commands: readonly (readonly string[])[] }
    | { readonly image: string }
    | undefined;
  readonly folders: readonly StaticCopy[];
}

/** A folder of files, and where they are to be. */
export interface StaticCopy {
  /** Whether it is in what `app` says, at an absolute path, or in the build context. */
  readonly isOfApp: boolean;
  readonly from: string;
  /** Absolute path of a URL, without a slash at its end. */
  readonly to: string;
}

/** Folder below which a file is at the path of its URL. */
export const STATIC_ROOT = '/srv/www';

/** What is worth compressing, when it is made rather than for each who asks. */
const TEXTS = 'css csv html ico js json map mjs otf svg ttf txt wasm webmanifest xml'.split(' ');

/** Text of a Dockerfile that makes an image of nginx with files, each of those that are texts beside a compressed one. */
export function staticDockerfile(values: StaticDockerfileValues): string {
  return [
    ...values.header.map(comment),
    '',
    ...appStage(values),
    `FROM ${reference(values.nginx)} AS files`,
    // An nginx image of yours may have another user, who could not tidy up; only files leave this stage.
    '# hadolint ignore=DL3002',
    'USER 0:0',
    ...values.folders.map(copied),
    ...tidied(),
    '',
    `FROM ${reference(values.nginx)}`,
    `COPY --from=files ${STATIC_ROOT} ${STATIC_ROOT}`,
    'USER 10001:10001',
    'EXPOSE 8080',
    'HEALTHCHECK NONE',
    '',
  ].join('\n');
}

function appStage({ app }: StaticDockerfileValues): string[] {
  if (app === undefined) return [];
  if ('image' in app) return [`FROM ${reference(app.image)} AS app`, ''];
  const { build, commands } = app;
  return [
    ...buildStage(build),
    '',
    'FROM build AS app',
    'ENV HOME=/tmp PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1',
    ...(build.importRoot === '.' || build.dependencies.project
      ? []
      : [`ENV PYTHONPATH=${inSource(build)}/${path(build.importRoot)}`]),
    `WORKDIR ${inSource(build)}`,
    ...commands.map((command) => `RUN ${execForm(command)}`),
    '',
  ];
}

/** Where the source folder is in the stage that builds. */
export function inSource({ folder }: Pick<DockerfileValues, 'folder'>): string {
  return folder === '.' ? '/app' : `/app/${path(folder)}`;
}

function copied({ isOfApp, from, to }: StaticCopy): string {
  return `COPY ${isOfApp ? '--from=app ' : ''}${path(from)}/ ${STATIC_ROOT}${path(to)}/`;
}

/** Nobody is to see hidden files. Without a name and a date in it, a compressed file is the same each time. */
function tidied(): string[] {
  const names = TEXTS.map((ending) => `-name '*.${ending}'`).join(' -o ');
  return [
    `RUN find ${STATIC_ROOT} -name '.?*' ! -name .well-known -prune -exec rm -rf -- {} + \\`,
    `    && find ${STATIC_ROOT} -type f -size +1k \\( ${names} \\) -exec gzip -9 -n -k -f -- {} + \\`,
    `    && chmod -R u=rwX,go=rX ${STATIC_ROOT}`,
  ];
}
