import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A Python with packages, made once for each `content`; undefined where Python or PyPI is out of reach.
 *
 * @param content says which packages there are, to the version
 * @param words of `pip install`
 */
export function pythonWith(name: string, content: string | Buffer, words: readonly string[]): string | undefined {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const place = join(homedir(), '.cache/asgi-synth', `${name}-${hash}`);
  const interpreter = (path: string) => join(path, 'bin/python');
  if (existsSync(place)) return interpreter(place);
  const fresh = `${place}.${process.pid}`;
  const steps = [
    ['python3', '-m', 'venv', fresh],
    [interpreter(fresh), '-m', 'pip', 'install', '--quiet', ...words],
  ];
  if (!steps.every(([program = '', ...rest]) => spawnSync(program, rest, { stdio: 'ignore' }).status === 0))
    return undefined;
  renameSync(fresh, place);
  return interpreter(place);
}
