import type { Difference } from '../deployment/deployer.js';
import { UserError } from '../errors.js';
import { newestDate } from '../model/defaults.js';
import type { Stack } from '../model/stack.js';
import { deployedName } from '../model/tree.js';
import { mayColour, paint } from './colour.js';
import { section } from './diff-text.js';
import { loadStack } from './load-stack.js';
import { targetsOf, type EngineWords, type OutputWords } from './options.js';
import { synthesizeOutputs, type Synthesized } from './outputs.js';
import { printJson } from './terminal.js';
import { Usage } from './usage.js';
import type { World } from './world.js';

type Words = OutputWords & EngineWords;

/** What the newest defaults would change in the output of one target. */
interface Change {
  readonly target: string;
  readonly differences: readonly Difference[];
}

/** `synth diff --defaults`: prints what the newest defaults would change. Says whether that is nothing. */
export async function diffDefaults(words: Words, { defaults: byDate }: World): Promise<boolean> {
  if (words.context !== undefined) throw new Usage('--defaults asks no engine; leave --context out');
  const { compareOutputs } = await import('../deployment/diff/outputs.js');
  const newest = newestDate(byDate);
  const loaded = await loadStack(words.stack, { stage: words.stage }, { byDate });
  const { stack } = loaded;
  const before = synthesizeOutputs(loaded, words, targetsOf(words.target ?? 'all'));
  const after = stack.defaults === newest ? before : await withDefaults(newest, words, byDate);
  const changes = before.map(({ target, files }, index): Change => ({
    target,
    differences: compareOutputs(files, after[index]!.files),
  }));
  const isEqual = changes.every(({ differences }) => differences.length === 0);
  if (words.json)
    printJson({
      ok: isEqual,
      stack: stack.name,
      name: deployedName(stack, words.stage),
      defaults: stack.defaults,
      newest,
      targets: changes,
    });
  else process.stdout.write(asText(stack, newest, changes));
  return isEqual;
}

/** The outputs that the stack file would have if it named `date`. */
async function withDefaults(date: string, words: Words, byDate: World['defaults']): Promise<Synthesized[]> {
  const loaded = await loadStack(words.stack, { stage: words.stage }, { byDate, date });
  try {
    return synthesizeOutputs(loaded, words, targetsOf(words.target ?? 'all'));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const told = error.complaints.map((one) => ({ ...one, message: `with the defaults of ${date}: ${one.message}` }));
    throw new UserError(told, { cause: error });
  }
}

function asText({ name, defaults }: Stack, newest: string, changes: readonly Change[]): string {
  if (defaults === newest) return `${name} has the defaults of ${newest}, which are the newest\n`;
  return changes
    .flatMap(({ target, differences }) =>
      section(
        `${target}, with the defaults of ${newest} instead of ${defaults}`,
        differences,
        paint(mayColour(process.stdout)),
      ),
    )
    .join('');
}
