import type { Stack } from 'asgi-synth';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Names of the stacks of `stacks/`. */
export const STACKS = readdirSync(join(root, 'stacks')).map((file) => file.replace(/\.ts$/, ''));

/** A stack of `stacks/`. */
export async function stackNamed(name: string): Promise<Stack> {
  const { default: exported } = (await import(join(root, 'stacks', `${name}.ts`))) as {
    default: Stack | (() => Stack);
  };
  return typeof exported === 'function' ? exported() : exported;
}
