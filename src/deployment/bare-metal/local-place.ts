import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeOutputs } from '../../output.js';
import type { Plan } from '../plan.js';
import { folderOf, type FolderOf, type Place, type SecretStore } from './place.js';

/** The output folder itself: the engine mounts it from there. */
export function localPlace(directory: string, plan: Plan): Place {
  const { stack, stage, target } = plan;
  return {
    directory,
    composeFile: join(directory, 'compose.yaml'),
    write: async (files) => void writeOutputs([{ directory, owner: { stack, stage, target }, files }]),
    secrets: new SecretFiles(join(directory, 'secrets'), folderOf(plan)),
  };
}

const BEFORE = '.previous';

/** Files that containers may read and nobody can list. */
export class SecretFiles implements SecretStore {
  private readonly folder: string;
  private readonly folderOf: FolderOf;

  constructor(folder: string, of: FolderOf = () => '') {
    this.folder = folder;
    this.folderOf = of;
  }

  private file(id: string): string {
    return join(this.folder, this.folderOf(id), id);
  }

  /** The value before the last one, while it is not known which of them will serve. */
  private before(id: string): string {
    return join(this.folder, this.folderOf(id), `.${id}${BEFORE}`);
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    return existsSync(this.file(id)) ? readFileSync(this.file(id)) : undefined;
  }

  async since(id: string): Promise<number | undefined> {
    return statSync(this.file(id), { throwIfNoEntry: false })?.mtimeMs;
  }

  async replace(id: string, value: Uint8Array): Promise<void> {
    const folder = dirname(this.file(id));
    makeFolder(folder);
    // Nobody can list them, and the app, which is another user, can open what it knows the name of.
    for (const one of new Set([this.folder, folder])) chmodSync(one, 0o711);
    const beside = join(folder, `.${id}.new`);
    rmSync(beside, { force: true });
    writeFileSync(beside, value, { flag: 'wx', mode: 0o600 });
    chmodSync(beside, 0o644);
    // One that is there already is the value that serves: an earlier deployment was killed before its own did.
    if (existsSync(this.file(id)) && !existsSync(this.before(id))) linkSync(this.file(id), this.before(id));
    renameSync(beside, this.file(id));
  }

  async keep(): Promise<void> {
    for (const id of await this.pending()) rmSync(this.before(id));
  }

  async restore(): Promise<void> {
    for (const id of await this.pending()) renameSync(this.before(id), this.file(id));
  }

  async pending(): Promise<string[]> {
    if (!existsSync(this.folder)) return [];
    const names = readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
    return names
      .filter((name) => name.startsWith('.') && name.endsWith(BEFORE))
      .map((name) => name.slice(1, -BEFORE.length))
      .filter((id) => existsSync(this.before(id)));
  }
}

/** Containers read below it as another user, whatever the umask of whoever deploys. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made))
    chmodSync(made, 0o755);
}
