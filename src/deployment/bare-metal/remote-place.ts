import { dirname, join, posix } from 'node:path';
import { writeOutputs } from '../../output.js';
import type { OutputFile } from '../../targets/target.js';
import type { Docker } from '../docker.js';
import type { Plan } from '../plan.js';
import { Box } from './box.js';
import { localImages } from './images.js';
import { folderOf, type FolderOf, type Place, type SecretStore } from './place.js';
import type { TarFile } from './tar.js';

/** Folder on the engine's machine in which the outputs of all stacks are, each in a folder of its name. */
const PLACES = '/var/lib/asgi-synth';

/** A folder on the machine of an engine that cannot mount anything of ours: the output is put there, and stays for its operator. */
export function remotePlace(docker: Docker, local: string, plan: Plan): Place {
  const { name, stack, stage, target } = plan;
  const directory = posix.join(PLACES, name);
  const box = new Box(docker, directory, name);
  return {
    directory,
    composeFile: join(local, 'compose.yaml'),
    write: async (files) => {
      writeOutputs([{ directory: local, owner: { stack, stage, target }, files }]);
      await box.write(asTar(files));
    },
    secrets: new SecretBox(docker, box, folderOf(plan)),
  };
}

/** Files with the folders that lead to them, which containers must be able to enter. */
export function asTar(files: readonly OutputFile[]): TarFile[] {
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  return [
    ...[...folders].toSorted().map((folder) => ({ path: `${folder}/`, content: Buffer.alloc(0) })),
    ...files.map(({ path, content }) => ({ path, content: Buffer.from(content) })),
  ];
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}

/** Removes what was put on the engine's machine, values of secrets included. */
export async function removePlace(docker: Docker, name: string): Promise<boolean> {
  for (const image of await localImages(docker, name)) {
    const words = ['run', '--rm', '--pull', 'never', '--user', '0', '--network', 'none', '--volume', `${PLACES}:/box`];
    const ran = await docker.attempt([...words, '--entrypoint', 'rm', image, '-rf', `/box/${name}`]);
    if (ran.exitCode === 0) return true;
  }
  return false;
}

const BEFORE = '.previous';

/** Nothing can be renamed or removed from outside: a value before the last one is a file that holds it, or nothing, behind this byte. */
const HELD = Buffer.from('=');

/** Values in the folder `secrets` of the engine's machine. Times are the engine's, in whole seconds. */
class SecretBox implements SecretStore {
  private readonly docker: Docker;
  private readonly box: Box;
  private readonly folderOf: FolderOf;
  /** What is there, read once. */
  private files: Promise<ReadonlyMap<string, Required<TarFile>>> | undefined;

  constructor(docker: Docker, box: Box, of: FolderOf) {
    this.docker = docker;
    this.box = box;
    this.folderOf = of;
  }

  private there(): Promise<ReadonlyMap<string, Required<TarFile>>> {
    this.files ??= this.box
      .read('secrets')
      .then((files) => new Map(files.map((file) => [posix.basename(file.path), file])));
    return this.files;
  }

  /** @param id the secret of which these are values */
  private async write(id: string, files: readonly TarFile[]): Promise<void> {
    const inside = `secrets/${this.folderOf(id)}`;
    const folders = [...new Set(['secrets/', inside])].map((path) => ({ path, content: Buffer.alloc(0), mode: 0o711 }));
    await this.box.write([...folders, ...files.map((file) => ({ ...file, path: inside + file.path }))]);
    this.files = undefined;
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    return (await this.there()).get(id)?.content;
  }

  async since(id: string): Promise<number | undefined> {
    const file = (await this.there()).get(id);
    return file && file.changed * 1000;
  }

  async pending(): Promise<string[]> {
    return [...(await this.there())]
      .filter(([name, { content }]) => name.startsWith('.') && name.endsWith(BEFORE) && content.length > 0)
      .map(([name]) => name.slice(1, -BEFORE.length));
  }

  async replace(id: string, value: Uint8Array): Promise<void> {
    const there = (await this.there()).get(id);
    const keeps = there !== undefined && !(await this.pending()).includes(id);
    const before = { path: `.${id}${BEFORE}`, mode: 0o600 };
    if (keeps)
      await this.write(id, [{ ...before, content: Buffer.concat([HELD, there.content]), changed: there.changed }]);
    await this.write(id, [{ path: id, content: value, changed: await this.now() }]);
  }

  private async now(): Promise<number> {
    return Date.parse(await this.docker.run(['info', '--format', '{{.SystemTime}}'])) / 1000;
  }

  async keep(): Promise<void> {
    for (const id of await this.pending())
      await this.write(id, [{ path: `.${id}${BEFORE}`, content: Buffer.alloc(0), mode: 0o600 }]);
  }

  async restore(): Promise<void> {
    const there = await this.there();
    for (const id of await this.pending()) {
      const before = there.get(`.${id}${BEFORE}`);
      if (before)
        await this.write(id, [{ path: id, content: before.content.subarray(HELD.length), changed: before.changed }]);
    }
    await this.keep();
  }
}
