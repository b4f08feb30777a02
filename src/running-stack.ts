import { randomBytes } from 'node:crypto';
import { join, posix } from 'node:path';
import { deployedName } from './model/tree.js';
import type { Stack } from './model/stack.js';
import type { RunningStack, RunningStackOptions } from './run-temporarily.js';
import { projectRoot } from './synthesize.js';
import type { TargetName } from './targets/index.js';

/**
 * Builds a stack, deploys it under a name of its own, and gives it to `use`; removes everything of it afterwards, volumes included, also
 * after a failure. The port of the edge is the stack's `httpPort`: two that run at once on one engine need two.
 *
 * Needs the commands that `synth deploy` needs: docker, and kubectl for Kubernetes. Throws what `use` throws; a `UserError` where the
 * stack or the engine is at fault; an error with the cause and the last log lines where it does not come up.
 *
 * @returns what `use` returns
 * @example
 * await withRunningStack(stack, 'swarm', async (running) => {
 *   expect((await running.ask('/healthz')).status).toBe(200);
 * });
 */
export async function withRunningStack<T>(
  stack: Stack,
  target: TargetName,
  use: (running: RunningStack) => Promise<T>,
  options: RunningStackOptions = {},
): Promise<T> {
  // Only who runs a stack loads what starts programs.
  const { runTemporarily } = await import('./run-temporarily.js');
  const stage = options.stage ?? `test-${randomBytes(3).toString('hex')}`;
  const name = deployedName(stack, stage);
  const root = projectRoot(stack);
  return runTemporarily(
    {
      ...{ stack, target, name, root, stage, options },
      directory: join(root, 'out', name, target),
      out: posix.join('out', name, target),
    },
    use,
  );
}
