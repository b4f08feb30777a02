import type { Construct } from 'constructs';
import * as v from 'valibot';
import { closest } from './closest.js';
import { cronFields, parseCron, type Cron } from './cron.js';
import { defaultsOf } from './defaults.js';
import { addMistake } from './mistakes.js';
import { rememberPosition } from './position.js';
import { isObject } from './props.js';
import { Task, TASK_ENTRIES, type TaskProps } from './task.js';
import { TIME_ZONES } from './time-zones.js';
import { must, text, wholeNumber } from './values.js';

/** What becomes of a tick while the command of the one before still runs. */
export type Overlap = 'forbid' | 'allow' | 'replace';

/** Props of a `Schedule`. Each means the same on every target; what a target cannot honour it reports as a problem. */
export interface ScheduleProps extends TaskProps {
  /**
   * When it is due: minute, hour, day, month and weekday (`0 3 * * MON-FRI`, `0,30 8-18 * * *`), or `@hourly`,
   * `@daily`, `@weekly`, `@monthly`, `@yearly`. Where day and weekday are both named, either will do.
   */
  readonly cron: string;
  /**
   * Time zone of `cron`, by its IANA name such as `Europe/Berlin`. A time of day that a clock skips in spring is left out, and one that
   * it strikes twice in autumn counts once.
   * @default 'UTC'
   */
  readonly timeZone?: string;
  /**
   * What becomes of a tick while the command of the one before still runs: `forbid` starts it when that has ended, if it is not past its
   * deadline then; `allow` starts it beside; `replace` ends the other one first.
   * @default 'forbid'
   */
  readonly overlap?: Overlap;
  /**
   * Seconds after its time within which a tick may still start, 10 to 86400: after a crash, or when the one before ran too long. Of
   * several that were missed the last one starts. A Swarm remembers no tick across a crash, so that there this is a problem.
   * @default 60
   */
  readonly deadline?: number;
  /**
   * Seconds that one run may take, 1 to 86400. One that takes longer gets SIGTERM, and is killed after its grace period.
   * @default 3600
   */
  readonly timeout?: number;
}

const OVERLAPS: readonly string[] = ['forbid', 'allow', 'replace'] satisfies Overlap[];

const timeZone = v.custom<string>(
  (x) => TIME_ZONES.includes(String(x)),
  ({ input }) => {
    const guess = closest(String(input), TIME_ZONES);
    return `must be an IANA time zone such as "Europe/Berlin", or "UTC"${guess === undefined ? '' : ` (did you mean ${guess}?)`}`;
  },
);

const schema = v.strictObject({
  ...TASK_ENTRIES,
  cron: v.optional(text),
  timeZone: v.optional(timeZone),
  overlap: v.optional(must<Overlap>('"forbid", "allow" or "replace"', (x) => OVERLAPS.includes(String(x)))),
  deadline: v.optional(wholeNumber(10, 86_400)),
  timeout: v.optional(wholeNumber(1, 86_400)),
});

/** A command that the clock starts: once for the whole stack at each tick, whatever the number of its app's processes. */
export class Schedule extends Task<ScheduleProps> {
  /** The five fields of the expression. */
  readonly cron: string;
  /** The same, as numbers. */
  readonly times: Cron;
  readonly timeZone: string;
  readonly overlap: Overlap;
  readonly deadline: number;
  readonly timeout: number;

  /** @param id lower-case letters, digits and hyphens; it names the service and the objects. */
  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id, { schema, props });
    rememberPosition(this, new.target);
    const { cron = '* * * * *', timeZone, overlap, deadline, timeout } = this.checked;
    const defaults = defaultsOf(this).schedule;
    const times = parseCron(cron);
    if (typeof times === 'string') addMistake(this, `cron ${times}`);
    if (isObject(props) && props.cron === undefined)
      addMistake(this, 'cron is missing; write when it is due, such as "0 3 * * *" for three at night');
    this.cron = cronFields(cron);
    this.times = typeof times === 'string' ? ALWAYS : times;
    this.timeZone = timeZone ?? defaults.timeZone;
    this.overlap = overlap ?? defaults.overlap;
    this.deadline = deadline ?? defaults.deadline;
    this.timeout = timeout ?? defaults.timeout;
  }
}

const ALWAYS: Cron = { minutes: undefined, hours: undefined, days: undefined, months: undefined, weekdays: undefined };
