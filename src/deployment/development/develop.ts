import { relative, resolve, sep } from 'node:path';
import { UserError } from '../../errors.js';
import type { Development } from '../../targets/bare-metal/development/development.js';
import { Changes, Watch } from './changes.js';
import type { DevelopmentEngine } from './engine.js';

/** What was written for a developer. */
export interface Made {
  readonly development: Development;
  /** Absolute folder of the output. */
  readonly directory: string;
  /** Absolute path of the project root. */
  readonly root: string;
  /** Absolute paths of the files that it was made from, sources aside: the stack file, `.env`, config files. */
  readonly from: readonly string[];
  /** Whether secrets changed that containers have read. */
  readonly hasNewSecrets: boolean;
}

export interface DevelopOptions {
  readonly signal: AbortSignal;
  /** Makes the files anew. Throws a `UserError` where the stack has mistakes. */
  make(): Promise<Made>;
  /** Everything runs as the files say. */
  ready(made: Made): void;
  /** One line for the developer. */
  say(line: string): void;
  /** What is wrong with the stack. */
  complain(error: UserError): void;
}

/** Keeps a stack running as its files say, until the signal is aborted; then it is taken down. */
export async function develop(engine: DevelopmentEngine, options: DevelopOptions): Promise<void> {
  const { signal, say } = options;
  const changes = new Changes();
  let made = await options.make();
  let watch = watchFor(made, changes);
  try {
    await bringUp(engine, made, options);
    for (;;) {
      const changed = await changes.next(signal);
      const reaction = reactionTo(changed, made);
      if (reaction.remake) {
        say(`${shown(changed, made.root)} changed: everything is made anew`);
        const next = await remade(options);
        if (next === undefined) continue;
        const before = watch;
        [made, watch] = [next, watchFor(next, changes)];
        before[Symbol.dispose]();
        await bringUp(engine, made, options);
      } else if (reaction.restart.length > 0) {
        say(`${shown(changed, made.root)} changed: ${reaction.restart.join(', ')} restarts`);
        await engine.restart(made, reaction.restart, signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watch[Symbol.dispose]();
    await engine.down(made);
  }
}

async function remade({ make, complain }: DevelopOptions): Promise<Made | undefined> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    complain(error);
    return undefined;
  }
}

async function bringUp(engine: DevelopmentEngine, made: Made, { signal, say, ready }: DevelopOptions): Promise<void> {
  const code = await engine.up(made, signal);
  signal.throwIfAborted();
  engine.follow(made, signal);
  if (code !== 0) {
    say(`docker compose up failed with ${code}, for the reason above; change what is wrong and it is tried again`);
    return;
  }
  if (made.hasNewSecrets) await engine.restart(made, made.development.readers, signal);
  ready(made);
}

function watchFor({ development, root, from }: Made, changes: Changes): Watch {
  const paths = development.rules.flatMap((rule) => rule.paths.map((path) => resolve(root, path)));
  return new Watch([...new Set([...from, ...paths])], changes);
}

/** What changed files ask for. */
export interface Reaction {
  /** Whether the files are made anew, and images and containers after them. */
  readonly remake: boolean;
  /** Services to restart, where nothing is made anew. */
  readonly restart: readonly string[];
}

/** @param changed absolute paths */
export function reactionTo(changed: readonly string[], { development, root, from }: Made): Reaction {
  const isIn = (paths: readonly string[]) =>
    changed.some((path) => paths.some((one) => isBelow(resolve(root, one), path)));
  const [rebuilt, restarted] = (['rebuild', 'restart'] as const).map((action) =>
    development.rules.filter((rule) => rule.action === action && isIn(rule.paths)),
  );
  const restart = new Set(restarted!.flatMap(({ services }) => services));
  return { remake: isIn(from) || rebuilt!.length > 0, restart: [...restart] };
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..');
}

function shown([first = '', ...others]: readonly string[], root: string): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${relative(root, first).split(sep).join('/')}${more}`;
}
