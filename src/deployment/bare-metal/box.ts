import { once } from 'node:events';
import { userError } from '../../errors.js';
import { CommandFailed, type Docker } from '../docker.js';
import { localImages } from './images.js';
import { packTar, unpackTar, type TarFile } from './tar.js';

/** The image that served last on each engine: every look costs one that is far away several round trips. */
const images = new WeakMap<Docker, string>();

const CREATE = ['create', '--network', 'none', '--entrypoint', '/'];

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
    const container = await this.created();
    try {
      return await work(container);
    } finally {
      await this.docker.attempt(['rm', '--force', container]);
    }
  }

  private async created(): Promise<string> {
    const from = (image: string) => this.docker.attempt([...CREATE, '--volume', `${this.source}:/box`, image]);
    const known = images.get(this.docker);
    const again = known === undefined ? undefined : await from(known);
    if (again?.exitCode === 0) return again.stdout.trim();
    const [image] = await localImages(this.docker, this.stack);
    if (image === undefined)
      throw userError(`the engine has no image at all, so that nothing of ${this.stack} can be read there; pull one`);
    const { stdout, stderr, exitCode } = await from(image);
    if (exitCode !== 0) throw new CommandFailed(['docker', ...CREATE, image], exitCode, stderr);
    images.set(this.docker, image);
    return stdout.trim();
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
