import type { Construct } from 'constructs';
import * as v from 'valibot';
import { AsgiApp } from './app.js';
import { defaultsOf } from './defaults.js';
import { rememberPosition } from './position.js';
import { Task, TASK_ENTRIES, type TaskProps } from './task.js';
import { must, wholeNumber } from './values.js';

/** Props of a `Job`. Each means the same on every target; what a target cannot honour it reports as a problem. */
export interface JobProps extends TaskProps {
  /**
   * Apps of which no new process starts before the command has ended with 0; their workers and schedules wait as well.
   * @default - its own app
   */
  readonly runBefore?: AsgiApp | readonly AsgiApp[];
  /**
   * Seconds that the command may take, 1 to 86400. One that takes longer gets SIGTERM, and is killed after its grace period.
   * @default 600
   */
  readonly timeout?: number;
}

const appOfStack = must<AsgiApp>('an AsgiApp of the stack', (x) => x instanceof AsgiApp);

const schema = v.strictObject({
  ...TASK_ENTRIES,
  runBefore: v.optional(
    v.lazy((x) =>
      Array.isArray(x) ? v.pipe(v.array(appOfStack), v.minLength(1, 'must name at least one app')) : appOfStack,
    ),
  ),
  timeout: v.optional(wholeNumber(1, 86_400)),
});

/**
 * A command that runs once a release, before the new version starts: a migration of the database, most of the time. Where it fails
 * the release does not come up, and the old one serves on.
 *
 * `synth deploy` runs it once for each release, and not for one that changes nothing or brings an earlier one back. Stock tools run it
 * more often (`docker compose up` each time), so it must be safe to repeat, as migrations of Alembic and Django are.
 */
export class Job extends Task<JobProps> {
  readonly runBefore: readonly AsgiApp[];
  /** Seconds that the command may take. */
  readonly timeout: number;

  /** @param id lower-case letters, digits and hyphens; it names the service and the objects. */
  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id, { schema, props });
    rememberPosition(this, new.target);
    const { runBefore, timeout } = this.checked;
    this.runBefore = runBefore === undefined ? (this.tryApp ? [this.tryApp] : []) : [runBefore].flat();
    this.timeout = timeout ?? defaultsOf(this).job.timeout;
  }
}
