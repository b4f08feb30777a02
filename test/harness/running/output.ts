import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetName } from '../../../src/targets/index.js';
import { runOn } from '../engines.js';
import type { RunOptions, RunResult } from '../process.js';

/** Where and how the commands of a README are run. */
export interface Operator extends Pick<RunOptions, 'env' | 'timeoutSeconds' | 'check'> {
  /** The machine on whose network the commands run. @default the host */
  readonly machine?: { readonly netns?: string };
  /** Go on after a command that fails, as at a prompt. @default false */
  readonly carryOn?: boolean;
  /** What the reader fills in. */
  readonly fill?: Readonly<Record<string, string>>;
}

/** The files of one target, and what their README tells the operator to do. */
export class Output {
  readonly name: string;
  readonly target: TargetName;
  readonly folder: string;

  constructor({ name, target, folder }: { name: string; target: TargetName; folder: string }) {
    this.name = name;
    this.target = target;
    this.folder = folder;
  }

  /** Whether the README has a section. */
  has(heading: string): boolean {
    return this.sections().has(heading);
  }

  /** The commands of a section, one line each. */
  commands(heading: string): string[] {
    const section = this.sections().get(heading);
    if (section === undefined) throw new Error(`${this.folder}/README.md has no section ${heading}`);
    return [...section.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
  }

  /** Does what a section of the README says, command by command, in the folder of the output. */
  async follow(heading: string, operator: Operator = {}): Promise<RunResult> {
    return this.shell(this.commands(heading), operator);
  }

  /** Runs lines in one shell that stops at the first failure. */
  shell(
    lines: readonly string[],
    { machine = {}, fill = {}, carryOn = false, ...options }: Operator = {},
  ): Promise<RunResult> {
    const script = Object.entries(fill).reduce((text, [word, value]) => text.replaceAll(word, value), lines.join('\n'));
    return runOn(machine, 'bash', ['--norc', ...(carryOn ? [] : ['-euo', 'pipefail']), '-c', script], {
      timeoutSeconds: 600,
      ...options,
      cwd: this.folder,
    });
  }

  /** Every file, and what is in it. */
  files(): { readonly path: string; readonly text: string }[] {
    return readdirSync(this.folder, { recursive: true })
      .map((path) => join(this.folder, String(path)))
      .filter((path) => statSync(path).isFile())
      .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  }

  /** References of the images of its apps. */
  images(): string[] {
    const yaml = this.files().filter(({ path }) => path.endsWith('.yaml'));
    const all = yaml.flatMap(({ text }) =>
      [...text.matchAll(/^[ -]*image: "?([^"\n]+)"?$/gm)].map(([, image = '']) => image),
    );
    return [...new Set(all)].filter((image) => !/\/(certbot|nginx|postgres|redis):/.test(image));
  }

  /** The README. */
  get text(): string {
    return readFileSync(join(this.folder, 'README.md'), 'utf8');
  }

  private sections(): Map<string, string> {
    return new Map(
      this.text.split(/^## /m).map((part): [string, string] => {
        const end = part.indexOf('\n');
        return [part.slice(0, end).trim(), part.slice(end)];
      }),
    );
  }
}
