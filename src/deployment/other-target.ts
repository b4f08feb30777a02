import type { Complaint } from '../errors.js';
import { shellWord } from '../targets/context.js';
import type { Plan } from './plan.js';

const OUTPUTS = { 'bare-metal': 'bare-metal', swarm: 'Swarm' } as const;

/**
 * Bare metal and a Swarm give a stack the same names on an engine.
 *
 * @param seen what of the other output is there: `container shop-nginx-1`
 */
export function otherTargetRuns(
  { name, stage }: Pick<Plan, 'name' | 'stage'>,
  other: 'bare-metal' | 'swarm',
  seen: string,
): Complaint {
  return {
    message: `the ${OUTPUTS[other]} output of ${name} runs on this engine (${seen}) and has the same network and ports; remove it first with ${destroying(other, stage)}`,
  };
}

/** The command that removes the output of a target. */
export function destroying(target: 'bare-metal' | 'swarm', stage: string | undefined): string {
  return `npx synth destroy --target ${target}${stage === undefined ? '' : ` --stage ${shellWord(stage)}`}`;
}
