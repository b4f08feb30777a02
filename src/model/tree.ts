import type { IConstruct } from 'constructs';
import { acmeSecrets } from './acme.js';
import type { AsgiApp } from './app.js';
import { ConfigFile } from './config-file.js';
import type { DataStore } from './data-store.js';
import type { Database } from './database.js';
import { Job } from './job.js';
import { Schedule } from './schedule.js';
import { Secret } from './secret.js';
import type { Stack } from './stack.js';
import { Task } from './task.js';
import { tlsSecrets } from './tls.js';
import { Volume } from './volume.js';
import { Worker } from './worker.js';

/** The name of a stack as deployed: with its stage, so that two stages never touch each other. */
export function deployedName(stack: Pick<Stack, 'name'>, stage?: string): string {
  return stage === undefined ? stack.name : `${stack.name}-${stage}`;
}

/** The secrets of a stack, in the order in which they were written. */
export function secretsOf(stack: Stack): Secret[] {
  return stack.node.findAll().filter((construct) => construct instanceof Secret);
}

/** Those that apps and databases read: all but what is of `tls`, which the edge alone reads. */
export function appSecretsOf(stack: Stack): Secret[] {
  const own = [...tlsSecrets(stack), ...acmeSecrets(stack)];
  return secretsOf(stack).filter((secret) => !own.includes(secret));
}

/** The volumes of a stack, in the order in which they were written. */
export function volumesOf(stack: Stack): Volume[] {
  return stack.node.findAll().filter((construct) => construct instanceof Volume);
}

/** The text files of a stack, in the order in which they were written. */
export function configFilesOf(stack: Stack): ConfigFile[] {
  return stack.node.findAll().filter((construct) => construct instanceof ConfigFile);
}

/** The workers of a stack, in the order in which they were written. */
export function workersOf(stack: Stack): Worker[] {
  return stack.node.findAll().filter((construct) => construct instanceof Worker);
}

/** Everything of a stack that runs under its own name: apps, databases, and whatever runs beside an app. */
export function runningOf(stack: Stack): (AsgiApp | Database | Task)[] {
  return [...stack.apps, ...stack.databases, ...tasksOf(stack)];
}

/** The jobs of a stack, in the order in which they were written, which is that in which they run. */
export function jobsOf(stack: Stack): Job[] {
  return stack.node.findAll().filter((construct) => construct instanceof Job);
}

/** The schedules of a stack, in the order in which they were written. */
export function schedulesOf(stack: Stack): Schedule[] {
  return stack.node.findAll().filter((construct) => construct instanceof Schedule);
}

/** Whatever runs beside the apps of a stack, in the order in which it was written. */
export function tasksOf(stack: Stack): Task[] {
  return stack.node.findAll().filter((construct) => construct instanceof Task);
}

/** The jobs that must have ended before an app, or what runs beside it, starts. */
export function jobsBefore(app: AsgiApp, stack: Stack): Job[] {
  return jobsOf(stack).filter(({ runBefore }) => runBefore.includes(app));
}

/** The mounts of an app or of what runs beside it, sorted by path. */
export function mountsOf(app: Pick<AsgiApp, 'volumes'>): { readonly path: string; readonly volume: Volume }[] {
  return Object.entries(app.volumes)
    .map(([path, volume]) => ({ path, volume }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The text files of an app or of what runs beside it, sorted by path. */
export function filesOf(app: Pick<AsgiApp, 'files'>): { readonly path: string; readonly file: ConfigFile }[] {
  return Object.entries(app.files)
    .map(([path, file]) => ({ path, file }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The databases that an app connects to, each once. */
export function storesOf(app: AsgiApp): DataStore[] {
  return [...new Set(Object.values(app.connections).map(({ store }) => store))];
}

/** The apps that connect to a database. */
export function appsUsing(store: DataStore, stack: Stack): AsgiApp[] {
  return stack.apps.filter((app) => storesOf(app).includes(store));
}

/** Name of what answers with the static files of an app. */
export function staticId({ node }: Pick<AsgiApp, 'node'>): string {
  return `${node.id}-static`;
}

/** The apps of a stack that have static files. */
export function withStatic({ apps }: Pick<Stack, 'apps'>): AsgiApp[] {
  return apps.filter((app) => app.static.length > 0);
}

/** Names of what a release replaces, and what goes back with it: apps, their static files, and workers. */
export function releasedIds(stack: Stack): string[] {
  return [
    ...stack.apps.map(({ node }) => node.id),
    ...withStatic(stack).map(staticId),
    ...workersOf(stack).map(({ node }) => node.id),
  ];
}

/** Whether the construct is part of the stack's tree. */
export function isWithin(stack: Stack, construct: IConstruct): boolean {
  return construct.node.root === stack;
}
