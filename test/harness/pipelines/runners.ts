import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { run, type RunResult } from '../process.js';

/** What somebody has set up where a pipeline runs. */
export interface Settings {
  /** Variables that are no secret. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Secrets that GitLab gives as files; those of GitHub are values like others. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Job extends Settings {
  /** The repository, with the pipeline in it. */
  readonly repository: string;
  /** A folder for what a runner needs; removed by whoever made it. */
  readonly scratch: string;
  /** Variables of the runner's own machine. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How the pipeline of each system is run here. */
export const RUNNERS = { github, gitlab } as const;

/** act runs the steps on this machine, as a runner of GitHub does on its own. Actions cannot be fetched, so others stand in for the two. */
async function github(job: Job): Promise<RunResult> {
  const place = placeOf(job);
  const settings = { secret: { ...job.secrets, ...job.files }, var: job.variables };
  const files = Object.entries(settings).flatMap(([kind, values]) => {
    const file = join(place.folder, `${kind}.yml`);
    writeFileSync(file, JSON.stringify(values), { mode: 0o600 });
    return [`--${kind}-file`, file];
  });
  const actions = actionsOf(job.repository).flatMap((action) => [
    '--local-repository',
    `${action}=${standIn(place.folder)}`,
  ]);
  return atHome(job, place, 'act', [
    'push',
    ...['-P', 'ubuntu-24.04=-self-hosted', '--container-daemon-socket', '-', '--no-cache-server'],
    // Nothing is masked, so that whatever is printed is seen.
    '--insecure-secrets',
    ...['--action-cache-path', join(place.folder, 'act')],
    ...files,
    ...actions,
  ]);
}

/** gitlab-ci-local runs the script in a shell on this machine; apk of the job's image is not here, nor needed. */
async function gitlab(job: Job): Promise<RunResult> {
  const place = placeOf(job);
  const values = Object.fromEntries(
    Object.entries(job.files).map(([name, content]) => [name, { type: 'file', values: { '*': content } }]),
  );
  mkdirSync(join(place.folder, '.gitlab-ci-local'));
  writeFileSync(
    join(place.folder, '.gitlab-ci-local/variables.yml'),
    JSON.stringify({ global: { ...job.variables, ...job.secrets, ...values } }),
    { mode: 0o600 },
  );
  mkdirSync(join(place.folder, 'bin'));
  writeFileSync(join(place.folder, 'bin/apk'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { ...job.env, PATH: `${join(place.folder, 'bin')}:${job.env['PATH'] ?? process.env['PATH']}` };
  return atHome({ ...job, env }, place, 'gitlab-ci-local', [
    ...['--force-shell-executor', '--shell-isolation', '--home', place.folder],
  ]);
}

interface Place {
  readonly folder: string;
  readonly home: string;
}

function placeOf({ scratch }: Job): Place {
  const folder = mkdtempSync(join(scratch, 'job-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  return { folder, home };
}

/** Runs a runner whose user has an empty home. ssh takes the home from the table of users, whatever HOME says, so there is another table. */
async function atHome(job: Job, { folder, home }: Place, command: string, args: readonly string[]): Promise<RunResult> {
  const { username } = userInfo();
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const table = join(folder, 'passwd');
  writeFileSync(table, users.map((line) => (line.startsWith(`${username}:`) ? movedTo(line, home) : line)).join('\n'));
  const script = 'mount --bind "$1" /etc/passwd; shift; exec "$@"';
  try {
    return await run('unshare', ['--mount', 'sh', '-ec', script, 'sh', table, command, ...args], {
      cwd: job.repository,
      env: { ...job.env, HOME: home },
      check: false,
      timeoutSeconds: 420,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function movedTo(line: string, home: string): string {
  const fields = line.split(':');
  return [...fields.slice(0, 5), home, ...fields.slice(6)].join(':');
}

/** The actions that a workflow uses. */
function actionsOf(repository: string): string[] {
  const workflow = readFileSync(join(repository, '.github/workflows/deploy.yml'), 'utf8');
  return [...workflow.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
}

/** An action that does nothing: the files are checked out, and Node is there. */
function standIn(folder: string): string {
  const action = join(folder, 'action');
  mkdirSync(action, { recursive: true });
  const steps = [{ run: 'node --version', shell: 'bash' }];
  writeFileSync(join(action, 'action.yml'), JSON.stringify({ name: 'stand-in', runs: { using: 'composite', steps } }));
  return action;
}
