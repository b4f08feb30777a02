import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Engine } from '../engines.js';
import { run } from '../process.js';

/** Files of a saved image (its layers, its history, its description) in which one of `words` is. */
export async function searchImage(
  { env }: Pick<Engine, 'env'>,
  reference: string,
  words: readonly string[],
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-image-'));
  try {
    // What the engines run is what the registry has; the machine that built it need not have kept it.
    const script = 'docker pull --quiet "$1" >/dev/null; docker save "$1" | tar -x -C "$2"';
    await run('bash', ['-euo', 'pipefail', '-c', script, 'save', reference, folder], { env });
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((file) => statSync(join(folder, file)).isFile());
    if (!files.some((file) => holds(join(folder, file), ['uvicorn'])))
      throw new Error(`${reference} could not be searched`);
    return files.filter((file) => holds(join(folder, file), words));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function holds(file: string, words: readonly string[]): boolean {
  const content = readFileSync(file);
  const compressed = content[0] === 0x1f && content[1] === 0x8b;
  const plain = compressed ? gunzipSync(content) : content;
  return words.some((word) => plain.includes(word));
}
