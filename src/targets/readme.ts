import { code, type MarkdownPart } from '../formats/markdown.js';
import { longestRequest, type AsgiApp } from '../model/app.js';
import type { Secret } from '../model/secret.js';
import type { Stack } from '../model/stack.js';
import { jobsOf, schedulesOf, workersOf } from '../model/tree.js';
import { buildArguments, imageBuilds } from './builds.js';
import { appImage, fromOutput, shellWord, type Context } from './context.js';

/** `docker buildx build` for each image that the output needs, run from the folder of the output. */
export function buildCommands(context: Context): string[] {
  const push = context.stack.registry !== undefined;
  return imageBuilds(context).map((build) => ['docker', ...buildArguments(build, { push })].map(shellWord).join(' '));
}

/** What runs, as a table. `countOf` says how many processes an app has on this target. */
export function processTable(
  context: Context,
  countOf: (app: AsgiApp) => string = ({ processes }) => String(processes),
): MarkdownPart {
  const rows = context.stack.apps.map((app) => [
    code(app.node.id),
    code(appImage(app, context)),
    countOf(app),
    app.hosts.length === 0 ? 'any' : app.hosts.map(code).join(', '),
    code(app.pathPrefix),
    `${longestRequest(app)} s`,
  ]);
  return { rows: [['app', 'image', 'processes', 'hosts', 'path', 'longest request'], ...rows] };
}

/** What runs beside the apps, as a table; nothing where there are no workers. */
export function workerTable(context: Context): MarkdownPart[] {
  const workers = workersOf(context.stack);
  if (workers.length === 0) return [];
  const rows = workers.map((worker) => [
    code(worker.node.id),
    code(worker.app.node.id),
    code(worker.command.map(shellWord).join(' ')),
    String(worker.processes),
    `${worker.gracePeriod} s`,
  ]);
  return [
    'Workers have the image, environment, secrets and volumes of their app, and take no requests. An update stops an old one before it starts a new one.',
    { rows: [['worker', 'of app', 'command', 'containers', 'time to stop'], ...rows] },
  ];
}

/** What runs before a new version, as a table; nothing where there are no jobs. */
export function jobTable(context: Context): MarkdownPart[] {
  const jobs = jobsOf(context.stack);
  if (jobs.length === 0) return [];
  const rows = jobs.map((job) => [
    code(job.node.id),
    code(job.app.node.id),
    code(job.command.map(shellWord).join(' ')),
    job.runBefore.map(({ node }) => code(node.id)).join(', '),
    `${job.timeout} s`,
  ]);
  return [
    'Jobs run once before a new version starts, with the image, environment, secrets and volumes of their app. Where one fails, the old version serves on.',
    { rows: [['job', 'of app', 'command', 'before', 'longest run'], ...rows] },
  ];
}

/** What the clock starts, as a table; nothing where there are no schedules. */
export function scheduleTable(context: Context, promise: string): MarkdownPart[] {
  const schedules = schedulesOf(context.stack);
  if (schedules.length === 0) return [];
  const rows = schedules.map((one) => [
    code(one.node.id),
    code(one.app.node.id),
    code(one.command.map(shellWord).join(' ')),
    code(one.cron),
    one.timeZone,
    one.overlap,
    `${one.timeout} s`,
  ]);
  return [
    `Schedules run once for the whole stack at each tick. ${promise}`,
    { rows: [['schedule', 'of app', 'command', 'when', 'time zone', 'overlap', 'longest run'], ...rows] },
  ];
}

/** A row for what goes wrong, where clients are counted. */
export function rateLimited({ apps }: Stack): string[][] {
  if (apps.every(({ rateLimit }) => rateLimit === undefined)) return [];
  return [
    [
      '429 from nginx',
      'one address asks more often than `rateLimit`',
      'the log of nginx: `client`; behind a balancer `trustedProxies` tells clients apart',
    ],
  ];
}

/** Shell text that prints the value of a secret without showing it in a process list. */
export function secretValue(secret: Secret, context: Context): string {
  const file = secret.file;
  return file === undefined ? `printf %s "\${${secret.variable}:?}"` : `cat ${shellWord(fromOutput(file, context))}`;
}
