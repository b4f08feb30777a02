import { CommandFailed, type Docker } from '../docker.js';
import type { ExecOptions, Ran } from '../exec.js';
import { portFailure } from './judge.js';

/** Docker Compose on one project. */
export class Compose {
  private readonly docker: Docker;
  private readonly options: readonly string[];

  /**
   * @param directory to which the paths of the file are relative, on the machine of the engine
   * @param file `compose.yaml` on this machine
   */
  constructor(docker: Docker, { name, directory, file }: { name: string; directory: string; file: string }) {
    this.docker = docker;
    // The name too: COMPOSE_PROJECT_NAME would be stronger than the one in the file.
    this.options = ['--project-name', name, '--project-directory', directory, '--file', file];
  }

  words(args: readonly string[]): string[] {
    return ['compose', ...this.options, ...args];
  }

  attempt(args: readonly string[], options?: ExecOptions): Promise<Ran> {
    return this.docker.attempt(this.words(args), options);
  }

  /** Hash of each service, as Compose writes it on the containers that it makes. */
  async hashes(): Promise<Map<string, string>> {
    const lines = await this.docker.lines(this.words(['config', '--hash', '*']));
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  }

  /**
   * Makes containers of services that lack some, and touches no other.
   * @param scale how many of each there are to be
   */
  async start(scale: ReadonlyMap<string, number>, options: ExecOptions): Promise<void> {
    const wanted = [...scale].flatMap(([service, count]) => ['--scale', `${service}=${count}`]);
    await this.up(['--no-recreate', ...wanted, ...scale.keys()], options);
  }

  /** Replaces the containers of services, the old ones first. */
  async replace(services: readonly string[], options: ExecOptions): Promise<void> {
    await this.up(['--force-recreate', ...services], options);
  }

  private async up(args: readonly string[], options: ExecOptions): Promise<void> {
    const words = ['--progress', 'quiet', 'up', '--detach', '--no-deps', '--no-build', ...args];
    const { exitCode, stderr, stdout } = await this.attempt(words, options);
    if (exitCode === 0) return;
    options.signal?.throwIfAborted();
    throw portFailure(stderr) ?? new CommandFailed(['docker', 'compose', 'up'], exitCode, stderr || stdout);
  }
}
