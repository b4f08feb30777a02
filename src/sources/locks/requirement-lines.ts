import { join, posix } from 'node:path';
import { tryRead } from '../files.js';
import { tidyPath } from './lock.js';

/** A line of a requirements.txt that asks for a package: https://pip.pypa.io/en/stable/reference/requirements-file-format/ */
export interface Requirement {
  readonly name: string;
  /** What `==` or `===` pins. */
  readonly version: string | undefined;
  /** Whether it names one version only, by `==` or by an address. */
  readonly exact: boolean;
  readonly marker: string | undefined;
  readonly hashed: boolean;
  /** Folder that it is installed from, relative to the build context. */
  readonly folder: string | undefined;
}

export interface RequirementFiles {
  readonly requirements: readonly Requirement[];
  /** Lines of files included by `-c`: they pin, but install nothing. */
  readonly constraints: readonly Requirement[];
  /** Included files, relative to the context. */
  readonly files: readonly string[];
  readonly missing: readonly { readonly file: string; readonly by: string }[];
}

/** Every requirement of a file and of those that it includes. */
export function readRequirements(context: string, file: string): RequirementFiles {
  const result = { requirements: [], constraints: [], files: [], missing: [] };
  readInto(result, { context, file, constraint: false });
  return result;
}

interface Result {
  readonly requirements: Requirement[];
  readonly constraints: Requirement[];
  readonly files: string[];
  readonly missing: { file: string; by: string }[];
}

interface Reading {
  readonly context: string;
  readonly file: string;
  readonly constraint: boolean;
}

function readInto(result: Result, { context, file, constraint }: Reading): void {
  for (const line of logicalLines(tryRead(join(context, file)) ?? '')) {
    const include = /^(?:-([rc])\s*|--(requirement|constraint)(?:=|\s+))(\S+)/.exec(line);
    if (include) {
      const next = posix.join(posix.dirname(file), include[3] ?? '');
      includeFile(
        result,
        { context, file: next, constraint: constraint || include[1] === 'c' || include[2] === 'constraint' },
        file,
      );
    } else {
      const requirement = parseRequirement(line);
      if (requirement) (constraint ? result.constraints : result.requirements).push(requirement);
    }
  }
}

function includeFile(result: Result, reading: Reading, by: string): void {
  if (result.files.includes(reading.file)) return;
  if (tryRead(join(reading.context, reading.file)) === undefined) {
    result.missing.push({ file: reading.file, by });
    return;
  }
  result.files.push(reading.file);
  readInto(result, reading);
}

/** A backslash joins lines, before comments are taken away. */
function logicalLines(text: string): string[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

const LOCAL = /^(\.{0,2}\/|\.$|\.\.$|file:)/;

function parseRequirement(line: string): Requirement | undefined {
  const editable = /^(?:-e\s*|--editable(?:=|\s+))(.*)$/.exec(line);
  const [specification = '', ...options] = (editable?.[1] ?? line).split(/\s+(?=--)/);
  if (specification.startsWith('-')) return undefined;
  const [requirement = '', marker] = specification.split(/\s*;\s*/, 2);
  const address = /^([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*@\s*(.+)$/.exec(requirement);
  const place = address?.[2] ?? requirement;
  const parts = /^([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*(?:===?\s*([^\s,*]+)$)?/.exec(requirement);
  const isLocal = LOCAL.test(place);
  return {
    name: address?.[1] ?? (isLocal ? place : (parts?.[1] ?? place)),
    version: address || isLocal ? undefined : parts?.[2],
    exact: Boolean(address) || isLocal || parts?.[2] !== undefined || /:\/\//.test(place),
    marker,
    hashed: options.some((option) => option.startsWith('--hash')),
    folder: isLocal ? localFolder(place) : undefined,
  };
}

/** pip takes local paths relative to the folder that it runs in, which is the context. */
function localFolder(place: string): string {
  return tidyPath(place.replace(/^file:(\/\/)?/, '').replace(/\[[^\]]*\]$/, ''));
}
