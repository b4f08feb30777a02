import type { Stack } from './model/stack.js';
import { problemsOf, readChecked, sourceReader } from './synthesize.js';
import { sumOf, totalOf, type Footprint, type Total } from './targets/footprint.js';
import { targets, type TargetName } from './targets/index.js';
import { portabilityOf, type PropReport } from './targets/portability.js';
import type { SynthesizeOptions } from './targets/target.js';

/** What a stack takes of one target. */
export interface TargetFootprint {
  readonly target: TargetName;
  /** Its apps, workers and databases, and an edge of ours. */
  readonly parts: readonly (Footprint & Total)[];
  readonly total: Total;
}

/** What targets make of a stack. */
export interface StackReport {
  readonly targets: readonly TargetName[];
  /** A row for every prop that the stack writes. */
  readonly portability: readonly PropReport[];
  readonly footprint: readonly TargetFootprint[];
}

/**
 * How each target honours every prop of a stack, and the memory and cores that it takes there. What a target cannot honour is part of
 * the report, whether the stack accepts it or not.
 *
 * Throws a `UserError` with every mistake of the stack.
 *
 * @param names targets of the report; all of them by default.
 */
export function reportOn(
  stack: Stack,
  names: readonly TargetName[] = targets.map(({ name }) => name),
  options: SynthesizeOptions = {},
): StackReport {
  const read = readChecked(sourceReader(stack, options), stack, options);
  const chosen = targets.filter(({ name }) => names.includes(name));
  return {
    targets: chosen.map(({ name }) => name),
    portability: portabilityOf(
      stack,
      chosen.map((target) => ({ target, problems: problemsOf(stack, target, read) })),
    ),
    footprint: chosen.map((target) => footprintOn(target.name, target.footprint(stack))),
  };
}

function footprintOn(target: TargetName, parts: readonly Footprint[]): TargetFootprint {
  return { target, parts: parts.map((part) => ({ ...part, ...totalOf(part) })), total: sumOf(parts) };
}
