import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readSource } from '../../../src/sources/read-source.js';
import type { SourceReading, SourceRequest } from '../../../src/sources/source.js';

/** A folder with these files, gone after the test. */
export function folder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'source-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) write(root, path, content);
  return root;
}

export function write(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

export const MAIN = { 'main.py': 'app = FastAPI()\n' };

/** Reads `.` of a folder with these files, as an app with module `main:app`. */
export function read(files: Readonly<Record<string, string>>, request: Partial<SourceRequest> = {}): SourceReading {
  return readSource({ directory: folder(files), source: '.', module: 'main:app', ...request });
}

export function messages(reading: SourceReading): string[] {
  return reading.complaints.map(({ message }) => message);
}

interface Package {
  readonly version?: string;
  readonly source?: string;
  /** Each as `name`, `name[extra]` or `name; marker`. */
  readonly needs?: readonly string[];
  readonly extras?: Readonly<Record<string, readonly string[]>>;
}

/** Text of a uv.lock. */
export function uvLock(packages: Readonly<Record<string, Package>>, head = 'requires-python = ">=3.11"'): string {
  const tables = Object.entries(packages).map(
    ([name, { version = '1.0', source = 'registry = "https://pypi.org/simple"', needs = [], extras = {} }]) =>
      [
        '[[package]]',
        `name = "${name}"`,
        `version = "${version}"`,
        `source = { ${source} }`,
        `dependencies = [${needs.map(dependency).join(', ')}]`,
        '[package.optional-dependencies]',
        ...Object.entries(extras).map(([extra, needs]) => `${extra} = [${needs.map(dependency).join(', ')}]`),
      ].join('\n'),
  );
  return ['version = 1', head, ...tables, ''].join('\n\n');
}

function dependency(text: string): string {
  const [, name, extra, marker] = /^([^[;]+)(?:\[(.*)\])?(?:; (.*))?$/.exec(text) ?? [];
  return `{ name = "${name}"${extra === undefined ? '' : `, extra = ["${extra}"]`}${marker === undefined ? '' : `, marker = "${marker}"`} }`;
}

/** Packages of a lock file with nothing to complain of. */
export const GOOD = {
  fastapi: { version: '0.165.0', needs: ['starlette'] },
  starlette: { version: '1.10.0' },
  h11: { version: '0.16.0' },
  uvicorn: {
    version: '0.54.0',
    needs: ['h11'],
    extras: { standard: ['httptools', "uvloop; sys_platform != 'win32'"] },
  },
  httptools: { version: '0.9.0' },
  uvloop: { version: '0.23.0' },
} as const satisfies Record<string, Package>;

export const SHOP = { version: '0.1.0', source: 'virtual = "."', needs: ['fastapi', 'uvicorn[standard]'] } as const;

/** A uv project with nothing to complain of. */
export const UV = {
  ...MAIN,
  'pyproject.toml': '[project]\nname = "shop"\nrequires-python = ">=3.11"\n',
  'uv.lock': uvLock({ ...GOOD, shop: SHOP }),
};
