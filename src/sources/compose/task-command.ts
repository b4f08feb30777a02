import { unwrap } from './unwrap.js';

/** What a command is that takes no requests. */
export type TaskKind = 'worker' | 'scheduler' | 'monitor' | 'migration' | 'clock';

/** Programs that only run tasks, and what each of their commands is. */
const WORKERS: Readonly<Record<string, (words: readonly string[]) => TaskKind | undefined>> = {
  celery: (words) =>
    words.includes('flower')
      ? 'monitor'
      : words.includes('worker')
        ? 'worker'
        : words.includes('beat')
          ? 'scheduler'
          : undefined,
  arq: () => 'worker',
  taskiq: ([, verb]) => (verb === 'scheduler' ? 'scheduler' : 'worker'),
  dramatiq: () => 'worker',
  rq: ([, verb]) => (verb?.startsWith('worker') ? 'worker' : undefined),
  rqworker: () => 'worker',
  rqscheduler: () => 'scheduler',
  huey_consumer: () => 'worker',
  'huey_consumer.py': () => 'worker',
  saq: () => 'worker',
  procrastinate: (words) => (words.includes('worker') ? 'worker' : undefined),
  faststream: () => 'worker',
  flower: () => 'monitor',
};

/** What a command is, by its program; undefined for one that nobody knows. */
export function taskKind(words: readonly string[]): TaskKind | undefined {
  const { words: inner } = unwrap(words);
  const [program = ''] = inner;
  if (Object.hasOwn(WORKERS, program)) return WORKERS[program]?.(inner);
  if (/^(alembic|aerich|yoyo|piccolo|sqlx|dbmate|atlas)$/.test(program)) return 'migration';
  if (/^(cron|crond|supercronic|ofelia|chadburn|go-cron|yacron)$/.test(program)) return 'clock';
  return undefined;
}

/** The words that run it in an image of ours, where its environment is on the path and only `/tmp` can be written. */
export function taskWords(words: readonly string[]): readonly string[] {
  const { words: inner } = unwrap(words);
  // The name of a module is no program.
  const behind = words.length - inner.length;
  if (taskKind(words) === undefined && words[behind - 1] === '-m') return words.slice(behind - 2);
  const isBeat = inner[0] === 'celery' && (inner.includes('beat') || inner.includes('-B') || inner.includes('--beat'));
  const hasFile = inner.some((word) => /^(-s|--schedule)(=|$)/.test(word) || /^-s./.test(word));
  return isBeat && !hasFile ? [...inner, '--schedule', '/tmp/celerybeat-schedule'] : inner;
}
