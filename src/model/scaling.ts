import type { Construct } from 'constructs';
import type { ProcessRange } from './app-props.js';
import type { Defaults } from './defaults.js';
import { addMistake } from './mistakes.js';

/** How the number of processes follows the load, where a target can change it. */
export interface Scaling {
  readonly min: number;
  readonly max: number;
  /** Per cent of its cores that a process uses on average when there are as many as needed. */
  readonly cpu: number;
}

/** What `processes` means: a number where the number is fixed, and beside it the range where it is not. */
export interface Processes {
  /** The number; of a range its `max`. */
  readonly processes: number;
  readonly scaling: Scaling | undefined;
}

/** @param given a value that fits the schema. */
export function resolveProcesses(
  given: number | ProcessRange | undefined,
  { processes, processCpu }: Pick<Defaults['app'], 'processes' | 'processCpu'>,
): Processes {
  if (typeof given !== 'object') return { processes: given ?? processes, scaling: undefined };
  const { min = 1, max = min, cpu = processCpu } = given;
  return { processes: max, scaling: { min, max, cpu } };
}

/** Records what is wrong with a range that its numbers do not show alone. */
export function checkRange(app: Construct, { min, max }: ProcessRange): void {
  for (const [prop, value] of Object.entries({ min, max })) {
    if (value === undefined) addMistake(app, `processes.${prop} is missing; a range is { min: 2, max: 8 }`);
  }
  if (min > max)
    addMistake(app, `processes.min is ${min}, which is more than processes.max, ${max}; exchange them, or drop one`);
}

/** As many processes as there may be, in words: `4`, `2 to 8`. */
export function processCount({
  processes,
  scaling,
}: {
  readonly processes: number;
  readonly scaling?: Pick<Scaling, 'min' | 'max'> | undefined;
}): string {
  return scaling === undefined || scaling.min === scaling.max ? String(processes) : `${scaling.min} to ${scaling.max}`;
}
