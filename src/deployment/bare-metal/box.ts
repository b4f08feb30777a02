import { once } from 'node:events';
import { userError } from '../../errors.js';
import { CommandFailed, type Docker } from '../docker.js';
import { localImages } from './images.js';
import { packTar, unpackTar, type TarFile } from './tar.js';

/** A volume or folder of the engine's machine, reached through a container that is never started: with what any image has, from anywhere. */
export class Box {
  private readonly docker: Docker;
  private readonly source: string;
  private readonly stack: string;

  /** @param source name of a volume, or absolute folder on the engine's machine */
  constructor(docker: Docker, source: string, stack: string) {
    this.docker = docker;
    this.source = source;
    this.stack = stack;
  }

  /** Every file in a folder of the box; none where there is no such folder. */
  async read(folder = '.'): Promise<Required<TarFile>[]> {
    return this.opened(async (container) => {
      const { stdout, exitCode } = await this.piped(['cp', `${container}:/box/${folder}`, '-']);
      return exitCode === 0 ? unpackTar(stdout) : [];
    });
  }

  /** Puts files into the box, in place of those of the same name. */
  async write(files: readonly TarFile[]): Promise<void> {
    await this.opened(async (container) => {
      const { stderr, exitCode } = await this.piped(['cp', '-', `${container}:/box`], packTar(files));
      if (exitCode !== 0) throw new CommandFailed(['docker', 'cp'], exitCode, stderr);
    });
  }

  private async opened<T>(work: (container: string) => Promise<T>): Promise<T> {
    const [image] = await localImages(this.docker, this.stack);
    if (image === undefined)
      throw userError(`the engine has no image at all, so that nothing of ${this.stack} can be read there; pull one`);
    const words = ['create', '--network', 'none', '--volume', `${this.source}:/box`, '--entrypoint', '/', image];
    const container = await this.docker.run(words);
    try {
      return await work(container);
    } finally {
      await this.docker.attempt(['rm', '--force', container]);
    }
  }

  /** Bytes in, bytes out. */
  private async piped(args: readonly string[], input?: Uint8Array) {
    const child = this.docker.spawn(args);
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined).end(input ?? '');
    const [code] = (await once(child, 'close')) as [number | null];
    return { stdout: Buffer.concat(out), stderr, exitCode: code ?? 128 };
  }
}
