import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetName } from '../../targets/index.js';
import { execInteractive } from '../exec.js';

/** What to do where there is no clone of this project. */
export const HOW_TO_CONFORM =
  'the conformance tests start engines and run images of their own: git clone the repository of asgi-synth, npm ci, then npx synth verify --conformance there';

/** Whether a folder is a clone of this project, with its tests. */
export function isClone(folder: string, target: TargetName): boolean {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest) || !existsSync(join(folder, testFile(target)))) return false;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'asgi-synth';
}

/** Runs the integration tests of a target on this process's terminal. Returns their exit code. */
export function runConformance(folder: string, target: TargetName): Promise<number> {
  const words = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--project', 'integration', testFile(target)];
  return execInteractive('npx', ['--no-install', ...words], { cwd: folder });
}

function testFile(target: TargetName): string {
  return `test/integration/${target}.test.ts`;
}
