import { code, type MarkdownPart } from '../formats/markdown.js';
import type { Secret } from '../model/secret.js';
import { buildArguments, imageBuilds } from './builds.js';
import { appImage, fromOutput, shellWord, type Context } from './context.js';

/** `docker buildx build` for each image that the output needs, run from the folder of the output. */
export function buildCommands(context: Context): string[] {
  const push = context.stack.registry !== undefined;
  return imageBuilds(context).map((build) => ['docker', ...buildArguments(build, { push })].map(shellWord).join(' '));
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
