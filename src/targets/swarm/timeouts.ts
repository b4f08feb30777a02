import type { AsgiApp } from '../../model/app.js';
import { timeoutsOf, type Timeouts } from '../../model/timeouts.js';
import { DRAIN } from '../containers.js';

/** Above a minute Swarm starts the next task before this one has stopped (moby#36111). */
export const LONGEST_STOP_GRACE = 60;

export function swarmTimeouts(app: AsgiApp): Timeouts {
  return timeoutsOf(app, { drain: DRAIN, longestStopGrace: LONGEST_STOP_GRACE });
}
