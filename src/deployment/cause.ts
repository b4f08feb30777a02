/** Why a version did not come up, by a stable id: what an operator does next depends on it. */
export const CAUSES = {
  'image-not-pulled': 'image cannot be pulled',
  'crashed-at-start': 'crashed at start',
  'out-of-memory': 'out of memory',
  unhealthy: 'unhealthy',
  'not-schedulable': 'cannot be scheduled',
  'port-in-use': 'port in use',
  'migration-failed': 'migration failed',
  timeout: 'timeout',
  interrupted: 'interrupted',
  'engine-failed': 'the engine failed',
} as const;

export type Cause = keyof typeof CAUSES;

/** Why a signal was aborted: somebody pressed Ctrl-C, or the machine that deploys is told to end. */
export class Interrupted extends Error {
  constructor() {
    super(CAUSES.interrupted);
    this.name = 'Interrupted';
  }
}

/** Why a signal was aborted: the time of the command is up. */
export class OutOfTime extends Error {
  /** @param seconds that the command had */
  constructor(seconds: number) {
    super(`not done after ${seconds} s`);
    this.name = 'OutOfTime';
  }
}

/** A version that did not come up. Not a mistake in the stack: thrown by a rollout, told by `deploy` once it is known what serves. */
export class RolloutFailure extends Error {
  readonly why: Cause;
  /** Id of the app at fault; absent where none is. */
  readonly app: string | undefined;
  /** Last lines of what the app said, oldest first. */
  readonly logs: readonly string[];

  /** @param detail what was seen, one line without a full stop: `exit code 1`, `no answer on port 8000` */
  constructor(why: Cause, detail: string, { app, logs = [] }: { app?: string; logs?: readonly string[] } = {}) {
    super(`${CAUSES[why]}${detail === '' ? '' : `: ${detail}`}`);
    this.name = 'RolloutFailure';
    this.why = why;
    this.app = app;
    this.logs = logs;
  }
}
