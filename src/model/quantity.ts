import * as v from 'valibot';
import { must, show } from './values.js';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a size in Kubernetes spelling (`512Mi`, `1.5G`), or undefined where it is none. */
export function tryBytes(size: unknown): number | undefined {
  const match = typeof size === 'string' ? /^([0-9]{1,15}(?:\.[0-9]{1,6})?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(size) : null;
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1));
}

/** Bytes of a size in Kubernetes spelling. Throws where it is none. */
export function bytes(size: string): number {
  const found = tryBytes(size);
  if (found === undefined) throw new Error(`not a size: ${show(size)}`);
  return found;
}

/** A schema for a size between two others, all in Kubernetes spelling. */
export const sizeBetween = (min: string, max: string) =>
  v.custom<string>((size) => {
    const found = tryBytes(size);
    return found !== undefined && found >= bytes(min) && found <= bytes(max);
  }, `must be a size from "${min}" to "${max}" in Kubernetes spelling, such as "512Mi"`);

/** A schema for the cores that one container may use. */
export const cores = must<number>(
  'a number of cores from 0.01 to 64',
  (x) => typeof x === 'number' && x >= 0.01 && x <= 64,
);

/** Cores as engines count them, in thousandths: 0.1 + 0.2 has seventeen digits, which Docker refuses. */
export function coresOf(cpu: number): number {
  return Math.round(cpu * 1000) / 1000;
}
