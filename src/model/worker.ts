import type { Construct } from 'constructs';
import * as v from 'valibot';
import { defaultsOf } from './defaults.js';
import { addMistake } from './mistakes.js';
import { rememberPosition } from './position.js';
import { isObject } from './props.js';
import { Task, TASK_ENTRIES, type TaskProps } from './task.js';
import { text, wholeNumber } from './values.js';

/** How a worker shows that it is alive. */
export interface WorkerHealth {
  /** Words of a command that ends with 0 while the worker is well, `['celery', '-A', 'tasks', 'inspect', 'ping']`. */
  readonly command: readonly string[];
  /**
   * Seconds between two checks, 1 to 3600.
   * @default 30
   */
  readonly interval?: number;
  /**
   * Seconds that one check may take, 1 to 600.
   * @default 10
   */
  readonly timeout?: number;
  /**
   * Seconds that the worker may take from its start to its first success, 1 to 3600.
   * @default 60
   */
  readonly startup?: number;
}

/** Props of a `Worker`. Each means the same on every target; what a target cannot honour it reports as a problem. */
export interface WorkerProps extends TaskProps {
  /**
   * Containers that run the command, 1 to 1000, on every target. What the command starts inside its container is up to itself.
   * @default 1
   */
  readonly processes?: number;
  /**
   * Command that shows whether the worker is alive. One that fails three times in a row is replaced.
   * @default - a worker is well while its command runs
   */
  readonly health?: WorkerHealth;
}

const schema = v.strictObject({
  ...TASK_ENTRIES,
  processes: v.optional(wholeNumber(1, 1000)),
  health: v.optional(
    v.strictObject({
      command: v.optional(v.pipe(v.array(text), v.minLength(1, 'must hold at least one word'))),
      interval: v.optional(wholeNumber(1, 3600)),
      timeout: v.optional(wholeNumber(1, 600)),
      startup: v.optional(wholeNumber(1, 3600)),
    }),
  ),
});

/** A command that runs all the time beside an app and takes no requests: Celery, taskiq, arq, dramatiq, rq, or one of your own. */
export class Worker extends Task<WorkerProps> {
  readonly processes: number;
  readonly health: Required<WorkerHealth> | undefined;

  /** @param id lower-case letters, digits and hyphens; it names the service and the objects. */
  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id, { schema, props });
    rememberPosition(this, new.target);
    const { processes, health } = this.checked;
    const defaults = defaultsOf(this).worker;
    this.processes = processes ?? defaults.processes;
    this.health = health && { ...defaults.health, ...health };
    if (isObject(health) && health.command === undefined)
      addMistake(this, 'health.command is missing; write a command that ends with 0 while the worker is well');
  }
}
