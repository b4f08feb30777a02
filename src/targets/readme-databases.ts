import { code, type MarkdownSection } from '../formats/markdown.js';
import type { AsgiApp } from '../model/app.js';
import type { Database } from '../model/database.js';
import type { Stack } from '../model/stack.js';
import { appsUsing, workersOf } from '../model/tree.js';
import type { Worker } from '../model/worker.js';
import type { Context } from './context.js';
import type { DatabaseCare } from './database-container.js';
import { databaseContainer } from './databases.js';

/** How the commands of one target reach what it runs. */
export interface DatabaseCommands {
  /** What the operator of this target must know, in sentences. */
  readonly where: string;
  /** Command line before the words that run inside the container of a database. */
  exec(database: Database, terminal?: 'terminal'): string;
  /** Starts a database again. */
  restart(database: Database): string[];
  /** Ends all processes of an app or a worker, and waits until the last one is gone. */
  stop(user: AsgiApp | Worker): string[];
  /** Starts them again, as many as before. */
  start(user: AsgiApp | Worker): string[];
}

/** How databases are talked to, saved and brought back. */
export function databaseSections(context: Context, commands: DatabaseCommands): MarkdownSection[] {
  const { stack } = context;
  if (stack.databases.length === 0) return [];
  const cared = stack.databases.map((database) => ({ database, care: databaseContainer(database, context).care }));
  const apps = stack.apps.filter((app) => stack.databases.some((one) => appsUsing(one, stack).includes(app)));
  const users = [...apps, ...workersOf(stack).filter(({ app }) => apps.includes(app))];
  const restored = cared.flatMap(({ database, care }) => restore(database, care, commands));
  return [
    [
      'Databases',
      commands.where,
      { shell: cared.map(({ database, care }) => `${commands.exec(database, 'terminal')} ${care.talk}`) },
      cared.map(({ care }) => care.notes).join(' '),
    ],
    [
      'Back up',
      'While everything runs. Keep the files elsewhere, and try now and then what the next section says.',
      {
        shell: cared.map(
          ({ database, care }) => `(umask 077 && ${commands.exec(database)} ${care.save} > ${care.file})`,
        ),
      },
    ],
    [
      'Restore',
      'From these files, in place of what is there. The apps that use a database do not run meanwhile, nor do their workers.',
      {
        shell: [
          ...users.flatMap((user) => commands.stop(user)),
          ...restored,
          ...users.flatMap((user) => commands.start(user)),
        ],
      },
    ],
  ];
}

/** What a new value of a secret must be told beside, where one is the password of a database; nothing elsewhere. */
export function passwordNote({ databases }: Stack): string {
  return databases.length === 0 ? '' : ' The password of a database is changed as the section Databases says.';
}

/** Rows for the table of what goes wrong. `logs` is a command that shows what a database says. */
export function databaseFailures({ databases }: Stack, logs: (database: Database) => string): string[][] {
  const [first] = databases;
  if (first === undefined) return [];
  return [
    [
      `\`waiting for …:${first.port}\` in the log of an app`,
      'its database does not run, or still recovers; the app goes on without it after half of its `startup`',
      code(logs(first)),
    ],
    [
      '`password authentication failed`, `WRONGPASS`',
      'the secret is not the password that the database has',
      'the section Databases',
    ],
  ];
}

function restore(database: Database, care: DatabaseCare, { exec, restart }: DatabaseCommands): string[] {
  return [`${exec(database)} ${care.restore} < ${care.file}`, ...(care.restarts ? restart(database) : [])];
}
