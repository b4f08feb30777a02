import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { userError } from '../../errors.js';
import { shellWord } from '../../targets/context.js';
import { version } from '../version.js';
import { envExample, gitIgnore, packageFile, type PlannedFile, type Wanted } from './files.js';

/** A stack file that is there stays as it is. */
export function refuseExisting(directory: string, file: string): void {
  if (!existsSync(join(directory, file))) return;
  throw userError(
    `${file} is there already and stays as it is; remove it first, or synthesize it: npx ${synthesis(file)} --target bare-metal`,
  );
}

/** The files beside a stack that are missing, or that miss something. */
export function filesBeside(directory: string, wanted: Wanted, file: string): PlannedFile[] {
  const example = envExample(wanted, file, tryText(join(directory, '.env.example')));
  const ignored = gitIgnore(tryText(join(directory, '.gitignore')));
  return [
    ...(example ? [example] : []),
    ...(isPackage(directory) ? [] : [packageFile(version())]),
    ...(ignored ? [ignored] : []),
  ];
}

export function tryText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Whether npm finds a package.json from here, as it looks upwards. */
function isPackage(directory: string): boolean {
  return (
    existsSync(join(directory, 'package.json')) || (directory !== dirname(directory) && isPackage(dirname(directory)))
  );
}

/** What to type once the files are written. */
export function nextCommands(
  directory: string,
  { file, files }: { readonly file: string; readonly files: readonly Pick<PlannedFile, 'path'>[] },
): string[] {
  const isNewPackage = files.some(({ path }) => path === 'package.json');
  const isOnly = readdirSync(join(directory, 'stacks')).filter((name) => /\.[cm]?[jt]s$/.test(name)).length === 1;
  return [
    ...(isNewPackage ? ['npm install'] : []),
    isOnly ? 'npx synth --target bare-metal' : `npx ${synthesis(file)} --target bare-metal`,
  ];
}

function synthesis(file: string): string {
  return `synth --stack ${shellWord(file)}`;
}
