import { code, type MarkdownPart } from '../formats/markdown.js';
import type { AsgiApp } from '../model/app.js';
import type { Secret } from '../model/secret.js';
import { appImage, fromOutput, isBuilt, shellWord, sourceOf, type Context } from './context.js';

/** `docker buildx build` for each image that the output needs, run from the folder of the output. */
export function buildCommands(context: Context): string[] {
  return context.stack.apps.filter((app) => isBuilt(app, context)).flatMap((app) => buildCommand(app, context));
}

function buildCommand(app: AsgiApp, context: Context): string[] {
  const source = sourceOf(app, context);
  const folder = fromOutput(source.context, context);
  const dockerfile = source.dockerfile === undefined ? `${app.node.id}/Dockerfile` : `${folder}/${source.dockerfile}`;
  const words = [
    ...['docker', 'buildx', 'build', '--file', dockerfile],
    // Our own Dockerfile holds them already.
    ...Object.entries(source.dockerfile === undefined ? {} : (app.build.arguments ?? {})).flatMap(([name, value]) => [
      '--build-arg',
      `${name}=${value}`,
    ]),
    ...Object.entries(app.build.secrets ?? {}).flatMap(([id, { environment, file }]) => [
      '--secret',
      file === undefined ? `id=${id},env=${environment ?? id}` : `id=${id},src=${fromOutput(file, context)}`,
    ]),
    ...['--tag', appImage(app, context), context.stack.registry === undefined ? '--load' : '--push', folder],
  ];
  return [words.map(shellWord).join(' ')];
}

/** What runs, as a table. */
export function processTable(context: Context): MarkdownPart {
  const rows = context.stack.apps.map((app) => [
    code(app.node.id),
    code(appImage(app, context)),
    String(app.processes),
    app.hosts.length === 0 ? 'any' : app.hosts.map(code).join(', '),
    code(app.pathPrefix),
    `${app.requestTimeout} s`,
  ]);
  return { rows: [['app', 'image', 'processes', 'hosts', 'path', 'longest request'], ...rows] };
}

/** Shell text that prints the value of a secret without showing it in a process list. */
export function secretValue(secret: Secret, context: Context): string {
  const file = secret.file;
  return file === undefined ? `printf %s "\${${secret.variable}:?}"` : `cat ${shellWord(fromOutput(file, context))}`;
}
