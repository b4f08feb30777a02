import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TargetName } from '../../../src/targets/index.js';
import type { Engine } from '../engines.js';
import { run } from '../process.js';
import { Output } from './output.js';

const checkout = join(import.meta.dirname, '../../..');

export interface SynthOptions {
  readonly stage?: string;
  /** Variables that the stack file reads. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further `--image NAME=REFERENCE`. */
  readonly images?: Readonly<Record<string, string>>;
  /** Name of the folder for the outputs. @default 'out' */
  readonly out?: string;
}

/** A project as a user has one: a stack file and the applications beside it, in a folder of its own. */
export class Project implements Disposable {
  readonly folder: string;
  /** Everything that was synthesized, the last of each folder. */
  readonly outputs: Output[] = [];
  private readonly stackFile: string;
  private readonly engine: Pick<Engine, 'images'>;

  /** @param stackFile of this repository; `images/` comes with it. */
  constructor(stackFile: string, engine: Pick<Engine, 'images'>) {
    this.folder = mkdtempSync(join(tmpdir(), 'asgi-synth-project-'));
    this.stackFile = `stacks/${basename(stackFile)}`;
    this.engine = engine;
    mkdirSync(join(this.folder, 'stacks'));
    cpSync(join(checkout, stackFile), join(this.folder, this.stackFile));
    cpSync(join(checkout, 'images'), join(this.folder, 'images'), {
      recursive: true,
      filter: (path) => !path.includes('__pycache__'),
    });
  }

  /** What `npx synth` does, with the images that the engine can reach. */
  async synth(target: TargetName, { stage, env = {}, images = {}, out = 'out' }: SynthOptions = {}): Promise<Output> {
    const references = { ...this.engine.images, ...images };
    const { stdout } = await run(
      process.execPath,
      [
        join(checkout, 'bin/synth.mjs'),
        ...['--stack', this.stackFile, '--target', target, '--out', out, '--json'],
        ...(stage === undefined ? [] : ['--stage', stage]),
        ...Object.entries(references).flatMap(([name, reference]) => ['--image', `${name}=${reference}`]),
      ],
      { cwd: this.folder, env: { ...env } },
    );
    const { name } = JSON.parse(stdout) as { name: string };
    const output = new Output({ name, target, folder: join(this.folder, out, target) });
    if (!this.outputs.some(({ folder }) => folder === output.folder)) this.outputs.push(output);
    return output;
  }

  /** Changes a file as its author would, so that the image of what it belongs to is another one. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`the change of ${file} changed nothing`);
    writeFileSync(path, after);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A port that nothing on this machine listens on, below those that connections and node ports are given. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(20_000, 30_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no port from 20000 to 29999 is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false)).listen(port, () => server.close(() => resolve(true)));
  });
}

/** A value that can be found again wherever it leaked to; hostile to whoever puts it into a shell, a template or YAML. */
export function canary(): string {
  return `${randomBytes(16).toString('hex')} $HOME \${HOME} {{.ID}} "b" 'c' \\n é %s: #d`;
}

/** The spellings in which a leaked canary may appear. */
export function spellings(value: string): string[] {
  const core = value.slice(0, 32);
  // Base64 of the first 30 characters is the same whatever follows.
  return [core, Buffer.from(core).toString('base64').slice(0, 40), Buffer.from(core).toString('hex')];
}
