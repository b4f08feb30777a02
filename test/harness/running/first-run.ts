import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { synth } from '../../faults/command.js';
import { request } from '../client.js';
import { dockerEngine } from '../engines.js';
import { inTurn } from '../turn.js';

const CHECKOUT = join(import.meta.dirname, '../../..');
const ON_TARGET = ['--target', 'bare-metal'] as const;

/** Answers by method and path: `GET /items`. */
export type Answers = Readonly<Record<string, unknown>>;

/** A project that somebody has, in a folder of its own in which this checkout is installed. It goes with the test. */
export class FirstRun {
  private readonly cwd: string;
  private readonly secrets: Readonly<Record<string, string>>;

  /** @param secrets values by the variable that `deploy` takes them from */
  constructor(fixture: string, secrets: Readonly<Record<string, string>>) {
    this.cwd = copyOf(fixture);
    this.secrets = secrets;
  }

  /** The result of a command, as `--json` gives it; it must succeed. */
  async synth(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { env } = await dockerEngine();
    const done = await synth(words, { cwd: this.cwd, env: { ...env, ...this.secrets } });
    expect(done.exitCode, `synth ${words.join(' ')}: ${done.said}\n${JSON.stringify(done.result)}`).toBe(0);
    return done.result;
  }

  /** Builds the only stack of the folder, deploys it on one server, and asks it for each of `answers`. */
  async deployAndAsk(answers: Answers): Promise<void> {
    const engine = await dockerEngine();
    const images = Object.entries(engine.images).flatMap(([image, reference]) => ['--image', `${image}=${reference}`]);
    // All of them take port 80, which the engine has to itself.
    await inTurn('port 80 of the engine', async () => {
      try {
        await inTurn('the builder', () => this.synth('build', ...ON_TARGET, ...images));
        await this.synth('deploy', ...ON_TARGET, ...images);
        for (const [line, expected] of Object.entries(answers)) await ask(`${engine.address}:80`, line, expected);
      } finally {
        await this.synth('destroy', ...ON_TARGET, '--yes', '--volumes');
      }
    });
  }
}

async function ask(address: string, line: string, expected: unknown): Promise<void> {
  const [method = '', path = ''] = line.split(' ');
  const { status, body } = await request({ url: `http://localhost${path}`, address, method });
  expect({ status, body }, line).toMatchObject({ status: 200 });
  expect(JSON.parse(body), line).toEqual(expected);
}

/** Under its own name, which its stack may take. */
function copyOf(fixture: string): string {
  const above = mkdtempSync(join(tmpdir(), 'asgi-synth-first-'));
  onTestFinished(() => rmSync(above, { recursive: true }));
  const folder = join(above, basename(fixture));
  cpSync(join(CHECKOUT, 'test/fixtures', fixture), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const [module, place] of [
    ['asgi-synth', CHECKOUT],
    ['constructs', join(CHECKOUT, 'node_modules/constructs')],
  ] as const)
    symlinkSync(place, join(folder, 'node_modules', module));
  return folder;
}
