import type { TargetName } from '../../src/targets/index.js';
import type { Measured } from './fire.js';
import type { Stage } from './stage.js';

/** One fault, tried on each target that can have it. */
export interface Cell {
  /** Its row in the table. */
  readonly fault: string;
  /** @default all */
  readonly targets?: readonly TargetName[];
  /** Why it is not tried on the others. */
  readonly reason?: string;
  /** Requests that may be lost. @default 0 */
  lossBound?(stage: Stage): number;
  /** Seconds after which no request may be lost any more. @default 0 */
  readonly recoveryBound?: number;
  /** Makes the fault under load. Throws where what must hold beside the losses does not. */
  run(stage: Stage): Promise<Tried>;
}

export interface Tried extends Measured {
  /** What else was seen, one line. */
  readonly note?: string;
}
