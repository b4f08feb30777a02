import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { deploy, type Deployed } from '../../../src/deployment/deploy.js';
import type { Deployer } from '../../../src/deployment/deployer.js';
import { planOf } from '../../../src/deployment/plan.js';
import type { Report } from '../../../src/deployment/report.js';
import type { Stack } from '../../../src/index.js';
import { sourceReader, synthesize } from '../../../src/synthesize.js';
import type { TargetName } from '../../../src/targets/index.js';
import type { OutputFile, SynthesizeOptions } from '../../../src/targets/target.js';

/** A version of a stack, and what goes with it on its way to an engine. */
export interface Deploying {
  readonly stack: Stack;
  readonly images?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, string>>;
  readonly by?: string;
  readonly signal?: AbortSignal;
}

/** What became of it, and what was said meanwhile. */
export type Told = Deployed & { readonly seconds: number; readonly said: readonly string[] };

/** Deploys as the command does, with outputs in a folder of its own. */
export class Deployments implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'asgi-synth-deploying-'));
  private readonly target: TargetName;
  private readonly images: Readonly<Record<string, string>>;

  constructor(target: TargetName, images: Readonly<Record<string, string>>) {
    this.target = target;
    this.images = images;
  }

  /** The output, its plan, and the folder where it is written to. */
  prepare({ stack, images = {} }: Deploying) {
    const directory = join(this.folder, this.target);
    const root = relative(directory, process.cwd());
    const out = relative(process.cwd(), directory);
    const options: SynthesizeOptions = { images: { ...this.images, ...images }, out, root };
    const { sources } = sourceReader(stack, options)();
    const files = synthesize(stack, this.target, { ...options, sources });
    const plan = planOf(stack, this.target, { ...options, sources });
    return { files, plan, directory };
  }

  write(files: readonly OutputFile[]): void {
    const directory = join(this.folder, this.target);
    rmSync(directory, { recursive: true, force: true });
    for (const { path, content } of files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
  }

  async deploy(deployer: Deployer, deploying: Deploying): Promise<Told> {
    const { values = {}, by = 'tester@here', signal = AbortSignal.timeout(300_000) } = deploying;
    const { files, plan, directory } = this.prepare(deploying);
    const started = performance.now();
    const said: string[] = [];
    const at = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    const report: Report = {
      step: (line) => void said.push(`${at()} ${line}`),
      progress: (line) => void said.push(`${at()} (${line})`),
    };
    const deployed = await deploy(
      deployer,
      {
        plan,
        files,
        directory,
        by,
        signal,
        values: new Map(Object.entries(values).map(([id, value]) => [id, Buffer.from(value)])),
        write: () => this.write(files),
      },
      report,
    );
    return { ...deployed, seconds: (performance.now() - started) / 1000, said };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
