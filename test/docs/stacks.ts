import { createJiti } from 'jiti';
import * as cdk8s from 'cdk8s';
import * as constructs from 'constructs';
import * as ours from '../../src/index.js';
import { targets } from '../../src/targets/index.js';
import { runCli } from '../unit/support/cli.js';

/** What a part of a stack file has before it, by the name that it uses. */
const PREAMBLE: Readonly<Record<string, string>> = {
  stack: "const stack = new Stack('shop');",
  api: "const api = new AsgiApp(stack, 'api', { source: './api', module: 'main:app' });",
};

/** A block of TypeScript as a whole file: what it leaves out to be short is put before it, in its first line. */
export function readStackBlock(
  block: string,
  names: readonly string[],
): { readonly text: string; readonly isStack: boolean } {
  if (/^export default/m.test(block)) return { text: block, isStack: true };
  if (/^import /m.test(block)) return { text: block, isStack: false };
  const code = block.replace(/'[^'\n]*'|`[^`]*`|\/\/.*/g, "''");
  const uses = (name: string, text = code) => new RegExp(`(?<!\\.)\\b${name}\\b`).test(text);
  const declares = (name: string) => new RegExp(`\\b(const|class|function) ${name}\\b`).test(block);
  const needed = Object.entries(PREAMBLE)
    .filter(([name]) => !declares(name) && (uses(name) || name === 'stack'))
    .map(([, line]) => line);
  const before = needed.join(' ');
  const imported = names.filter((name) => uses(name, `${before}\n${code}`) && !declares(name));
  return {
    text: `import { ${imported.join(', ')} } from 'asgi-synth'; ${before}\n${block}\nexport default stack;\n`,
    isStack: true,
  };
}

/**
 * Synthesizes a stack file on every target. Its problems must be those that the page names, `kubernetes: rate-limit, body-limit`, with a
 * semicolon between targets; none where it names none.
 */
export async function synthesizeEverywhere(file: string, folder: string, problems = ''): Promise<void> {
  const wanted = Object.fromEntries(problems.split(';').map((part) => part.split(':').map((word) => word.trim())));
  for (const { name } of targets) {
    const { code, stderr } = await runCli(folder, '--stack', file, '--target', name, '--out', `${file}.out`);
    const found = [
      ...new Set([...stderr.matchAll(/ \(to accept it, give the stack accept: \{ '([a-z-]+)'/g)].map(([, id]) => id!)),
    ].toSorted();
    const expected = (wanted[name] ?? '')
      .split(',')
      .map((id: string) => id.trim())
      .filter(Boolean)
      .toSorted();
    if (code !== (expected.length > 0 ? 1 : 0) || found.join() !== expected.join())
      throw new Error(`on ${name}: expected ${expected.join(', ') || 'no problem'}; exit code ${code}\n${stderr}`);
  }
}

/** Runs a file that uses the library and is no stack. */
export async function runModule(file: string, folder: string): Promise<void> {
  const home = process.cwd();
  process.chdir(folder);
  try {
    const virtualModules = { 'asgi-synth': ours, constructs, cdk8s };
    await createJiti(file, { fsCache: false, moduleCache: false, virtualModules }).import(file);
  } finally {
    process.chdir(home);
  }
}
