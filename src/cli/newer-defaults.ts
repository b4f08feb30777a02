import { newestDate } from '../model/defaults.js';
import type { Stack } from '../model/stack.js';
import type { World } from './world.js';

/** What whoever names no defaults may want to know once there are newer ones than the first. */
export function newerDefaults({ name, defaults, given }: Stack, { defaults: byDate }: World): string | undefined {
  const newest = newestDate(byDate);
  if (given.has('defaults') || defaults === newest) return undefined;
  return `${name} names no defaults and has those of ${defaults}; npx synth diff --defaults shows what those of ${newest} would change`;
}
