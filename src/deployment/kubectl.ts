import { exec, execInteractive, type ExecOptions, type Ran } from './exec.js';
import type { EngineOptions } from './deployer.js';
import { CommandFailed } from './docker.js';

/** The cluster that kubectl talks to, and a namespace in it. */
export class Kubectl {
  private readonly options: EngineOptions;
  private readonly namespace: string | undefined;

  constructor(options: EngineOptions, namespace?: string) {
    this.options = options;
    this.namespace = namespace;
  }

  in(namespace: string): Kubectl {
    return new Kubectl(this.options, namespace);
  }

  private words(args: readonly string[]): string[] {
    return [
      ...(this.options.context === undefined ? [] : ['--context', this.options.context]),
      ...(this.namespace === undefined ? [] : ['--namespace', this.namespace]),
      ...args,
    ];
  }

  /** Whatever its exit code. */
  attempt(args: readonly string[], options?: ExecOptions): Promise<Ran> {
    return exec('kubectl', this.words(args), options);
  }

  /** What it prints, less the line break at its end. Throws where it fails. */
  async run(args: readonly string[], options?: ExecOptions): Promise<string> {
    const { stdout, stderr, exitCode } = await this.attempt(args, options);
    if (exitCode !== 0) throw new CommandFailed(['kubectl', ...args], exitCode, stderr || stdout);
    return stdout.trimEnd();
  }

  async json<T>(args: readonly string[], options?: ExecOptions): Promise<T> {
    return JSON.parse(await this.run([...args, '--output', 'json'], options)) as T;
  }

  interactive(args: readonly string[], options?: Pick<ExecOptions, 'signal' | 'cwd'>): Promise<number> {
    return execInteractive('kubectl', this.words(args), options);
  }
}
