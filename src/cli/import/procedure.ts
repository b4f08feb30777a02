import { join, resolve } from 'node:path';
import { oneLine, userError } from '../../errors.js';
import { writeOwnFiles } from '../../output.js';
import { readComposeFile, type Left, type ReadText } from '../../sources/compose/compose-file.js';
import { discover } from '../../sources/discovery/discover.js';
import type { Project } from '../../sources/discovery/project.js';
import { readProject } from '../../sources/discovery/read-project.js';
import { tryRead, isFile, pathBetween } from '../../sources/files.js';
import { filesBeside, nextCommands, refuseExisting } from '../init/beside.js';
import { changeText } from '../init/files.js';
import { printJson, table } from '../terminal.js';
import { Code } from './code.js';
import type { StackDraft } from './draft.js';
import { draftStack } from './draft-stack.js';
import { mended, type Mended } from './mend.js';
import { draftText } from './text.js';

/** What `synth import` knows of its command line. */
export interface Words {
  readonly json?: boolean;
}

/** Writes the stack file of a Compose file, and says what is not in it. */
export function importCompose(named: string, words: Words): void {
  const directory = process.cwd();
  const project = readProject(directory);
  const result = mended(directory, readDraft(directory, named, project), project);
  const file = `stacks/${result.draft.name}.ts`;
  refuseExisting(directory, file);
  const beside = filesBeside(directory, wantedOf(result.draft), file);
  for (const one of beside) if (one.before !== undefined && !words.json) process.stderr.write(changeText(one));
  const files = [{ path: file, before: undefined, content: draftText(result.draft) }, ...beside];
  writeOwnFiles(directory, files);
  report(words, { ...result, written: files.map(({ path }) => path), next: nextCommands(directory, { file, files }) });
}

/** What a Compose file of the project comes to. */
export function readDraft(directory: string, named: string, project: Project): StackDraft {
  const compose = readComposeFile(composePath(directory, named), readerOf(directory));
  const draft = draftStack(compose, new Code(discover(project).applications), project.name);
  if (draft.apps.length > 0) return draft;
  throw userError(
    'no service here runs an ASGI application with uvicorn, gunicorn, hypercorn, granian, daphne or fastapi; synth init finds one in the code',
    { position: { file: compose.file, line: 1, column: 1 } },
  );
}

/** Reads files of a folder; what is no file may never end, and a path below a file is none. */
function readerOf(directory: string): ReadText {
  return (path) => {
    try {
      return isFile(join(directory, path)) ? tryRead(join(directory, path)) : undefined;
    } catch {
      return undefined;
    }
  };
}

function composePath(directory: string, named: string): string {
  const path = pathBetween(directory, resolve(directory, named));
  if (path.startsWith('../'))
    throw userError(`${named} lies above this folder; run synth import in the folder of your project`);
  return path;
}

/** What the files beside a stack must tell. */
export function wantedOf({ secrets, databases, apps, tasks }: StackDraft) {
  const own = databases.flatMap(({ id, password }) =>
    password === undefined ? [`${id.replaceAll('-', '_')}_password`] : [],
  );
  const values = secrets
    .filter(({ file, external }) => file === undefined && external === undefined)
    .map(({ id }) => id);
  const settings = [...apps, ...tasks].flatMap(({ environment }) => environment).filter(({ isStandIn }) => isStandIn);
  return { secrets: [...values, ...own], settings: settings.map(({ name, value }) => ({ name, value })) };
}

interface Result extends Mended {
  readonly written: readonly string[];
  readonly next: readonly string[];
}

function report(words: Words, result: Result): void {
  if (words.json) return printJson(asJson(result));
  process.stderr.write(draftReport(result.draft));
  process.stdout.write(result.written.map((path) => `${path}\n`).join(''));
  process.stderr.write(lastLines(result));
}

/** What is to be done, in the order in which it is. */
export function lastLines({ accepted, toDo, next }: Pick<Result, 'accepted' | 'toDo' | 'next'>): string {
  return [
    ...accepted.map((one) => `accepted for now: ${oneLine(one)}\n`),
    ...toDo.map((one) => `first: ${oneLine(one)}\n`),
    ...next.map((one) => `next: ${one}\n`),
  ].join('');
}

/** JSON of what a Compose file came to. */
export function asJson({ draft, written, next, accepted, toDo }: Result): Record<string, unknown> {
  const wanted = wantedOf(draft);
  return {
    ok: true,
    stack: draft.name,
    from: draft.file,
    services: draft.services.map(({ id, at, becomes }) => ({ service: id, ...at, becomes })),
    left: draft.left.map(({ at, path, message, kind }) => ({ ...at, path, message, kind })),
    secrets: wanted.secrets.map((id) => id.toUpperCase()),
    standIns: wanted.settings.map(({ name }) => name),
    notes: [...accepted, ...draft.notes],
    toDo,
    written,
    next,
  };
}

/** What each service became, what is not in the stack and with which line, and what to know. */
export function draftReport(draft: StackDraft): string {
  const { secrets, settings } = wantedOf(draft);
  const lost = draft.left.filter(({ kind }) => kind === 'left');
  const dropped = draft.left.filter(({ kind }) => kind === 'ours');
  const rows = draft.services.map(({ id, at, becomes }) => [id, becomes, `${at.file}:${at.line}`].map(oneLine));
  return [
    table(rows),
    ...section('not in the stack:', lost.map(leftLine)),
    ...section('not written, since each target does it:', dropped.map(leftLine)),
    ...section(
      'to know:',
      draft.notes.map((one) => `  ${oneLine(one)}`),
    ),
    ...(secrets.length > 0
      ? [`secrets, whose values no file has: ${secrets.map((id) => id.toUpperCase()).join(', ')}\n`]
      : []),
    ...(settings.length > 0
      ? [`stand-ins, to be replaced by the real values: ${oneLine(settings.map(({ name }) => name).join(', '))}\n`]
      : []),
  ].join('');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}\n${lines.map((line) => `${line}\n`).join('')}`];
}

function leftLine({ at, path, message }: Left): string {
  return oneLine(`  ${at.file}:${at.line}:${at.column} ${path}: ${message}`);
}
