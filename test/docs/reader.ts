import { applyPatch } from 'diff';
import { parser as python } from '@lezer/python';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { library } from './typescript.js';
import { readStackBlock, runModule, synthesizeEverywhere } from './stacks.js';
import { runCommand } from './run-command.js';
import { commandsOf } from './shell.js';
import type { Block, Page } from './page.js';
import { makeFolder } from './folders.js';
import { matchesShown } from './shown.js';

/** Reads one page as a user would: writes its files, runs its commands, compares what it shows. */
export class Reader {
  /** Every folder that the page began in. */
  readonly folders: string[] = [];
  /** Files of TypeScript whose types are to be checked. */
  readonly typed: string[] = [];
  /** What was not run, by its name in `NOT_RUN`. */
  readonly notRun = new Set<string>();
  readonly failures: string[] = [];
  /** What the commands of the last block printed; undefined where they were not all run. */
  private printed: { readonly all: string; readonly stdout: string } | undefined;
  private count = 0;

  get folder(): string {
    return this.folders.at(-1)!;
  }

  async read(page: Page): Promise<void> {
    if (!page.parts[0] || !('folder' in page.parts[0])) this.folders.push(makeFolder('sample'));
    for (const part of page.parts) {
      if ('folder' in part) this.folders.push(makeFolder(part.folder));
      else await this.readBlock(part.block);
    }
  }

  private async readBlock(block: Block): Promise<void> {
    const read = LANGUAGES[block.language];
    try {
      if (!read) throw new Error(`nothing knows how to check a block of ${JSON.stringify(block.language)}`);
      await read(this, block);
    } catch (error) {
      this.failures.push(`${block.where}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (block.language !== 'sh') this.printed = undefined;
  }

  /** Runs what can be run of a block of commands. */
  async runCommands({ text, notes }: Block): Promise<void> {
    this.printed = undefined;
    const wanted = Number(notes['exit'] ?? 0);
    const printed = { all: '', stdout: '' };
    let isWhole = true;
    for (const command of commandsOf(text)) {
      const done = await runCommand(command, this.folder);
      if ('notRun' in done) {
        this.notRun.add(done.notRun);
        isWhole = false;
        continue;
      }
      printed.all += done.printed;
      printed.stdout += done.stdout;
      if (done.code !== wanted)
        throw new Error(`${command.line}: exit code ${done.code}, not ${wanted}\n${done.printed}`);
    }
    if (isWhole) this.printed = printed;
  }

  /** Compares a block with what the commands before it printed. */
  compareOutput({ text }: Block): void {
    if (!this.printed) throw new Error('shows what no command before it printed, or one that no test runs');
    const { all, stdout } = this.printed;
    if (!matchesShown(text, stdout) && !matchesShown(text, all))
      throw new Error(`the commands before it printed\n${all}`);
  }

  /** Compares an excerpt with its file, or writes a whole file. */
  takeFile(block: Block): string {
    if (block.file === undefined) throw new Error('the line before the block must name its file: "`main.py`:"');
    const path = join(this.folder, block.file);
    if (block.isExcerpt) {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
      if (text === undefined) throw new Error(`${block.file} is not there`);
      if (!matchesShown(`…\n${block.text}…\n`, text)) throw new Error(`${block.file} does not have that:\n${text}`);
    } else {
      if (existsSync(path) && readFileSync(path, 'utf8') !== block.text)
        throw new Error(`${block.file} is there and is another:\n${readFileSync(path, 'utf8')}`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, block.text);
    }
    return path;
  }

  /** A file for a block of TypeScript, its own or one beside the stacks of the page. */
  typescriptFile(block: Block): string {
    const path = block.file === undefined ? join(this.folder, `block-${++this.count}.ts`) : this.takeFile(block);
    this.typed.push(path);
    return path;
  }

  forget(): void {
    for (const folder of this.folders) rmSync(dirname(folder), { recursive: true, force: true });
  }
}

type Read = (reader: Reader, block: Block) => Promise<void> | void;

/** What is done with a block, by its language. One that is not here fails. */
const LANGUAGES: Readonly<Record<string, Read>> = {
  sh: (reader, block) => reader.runCommands(block),
  text: (reader, block) => reader.compareOutput(block),
  ts: async (reader, block) => {
    const path = reader.typescriptFile(block);
    // A file of the library itself is compiled with it, and a stack that is there for its mistakes is run by a command.
    if (block.isExcerpt || block.file?.startsWith('src/')) return;
    const { text, isStack } = readStackBlock(block.text, library());
    writeFileSync(path, text);
    if (block.notes['mistakes'] !== undefined) return;
    if (!isStack) return runModule(path, reader.folder);
    await synthesizeEverywhere(path, reader.folder, block.notes['problems']);
  },
  diff: (reader, block) => {
    const path = join(reader.folder, block.file ?? '');
    const patched = block.file === undefined ? false : applyPatch(readFileSync(path, 'utf8'), withCounts(block.text));
    if (patched === false) throw new Error(`cannot be applied to ${block.file ?? 'a file that it does not name'}`);
    writeFileSync(path, patched);
    reader.typed.push(path);
  },
  yaml: (reader, block) => {
    reader.takeFile(block);
    const wrong = block.isExcerpt ? [] : parseAllDocuments(block.text).flatMap(({ errors }) => errors);
    if (wrong.length > 0) throw wrong[0]!;
  },
  json: (reader, block) => void JSON.parse(readFileSync(reader.takeFile(block), 'utf8')),
  toml: (reader, block) => void parseToml(readFileSync(reader.takeFile(block), 'utf8')),
  python: (reader, block) => {
    reader.takeFile(block);
    if (block.isExcerpt) return;
    python.parse(block.text).iterate({
      enter: ({ type, from }) => {
        if (type.isError) throw new Error(`no Python at character ${from}`);
      },
    });
  },
  requirements: (reader, block) => void reader.takeFile(block),
  procfile: (reader, block) => void reader.takeFile(block),
  nginx: (reader, block) => void reader.takeFile(block),
  dockerfile: (reader, block) => void reader.takeFile(block),
};

/** A patch without line numbers, as the pages show it, with those that a patch has. */
function withCounts(text: string): string {
  const lines = text.trimEnd().split('\n');
  const old = lines.filter((line) => !line.startsWith('+')).length;
  const now = lines.filter((line) => !line.startsWith('-')).length;
  return `--- a\n+++ b\n@@ -1,${old} +1,${now} @@\n${lines.join('\n')}\n`;
}
