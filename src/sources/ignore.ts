import dockerignore from '@balena/dockerignore';
import { join } from 'node:path';
import { tryRead } from './files.js';

/** What no image needs, and what changes without a change of the app. */
const LEFT_OVER = [
  '**/.git',
  '**/.hg',
  '**/.svn',
  '**/.DS_Store',
  '**/__pycache__',
  '**/*.py[cod]',
  '**/.venv',
  '**/venv',
  '**/.tox',
  '**/.nox',
  '**/.mypy_cache',
  '**/.pytest_cache',
  '**/.ruff_cache',
  '**/.hypothesis',
  '**/.coverage',
  '**/.coverage.*',
  '**/htmlcov',
  '**/*.egg-info',
  '**/node_modules',
  'out',
] as const;

/** What must not get into an image. A file that ends in .pem may be a public certificate: those are the user's to name. */
const PRIVATE = ['**/.env', '**/.env.*', '**/.netrc', '**/.pypirc', '**/id_rsa', '**/id_ed25519', 'secrets'] as const;

/** What is about the code rather than of it; the stack and its lock file among them, where they share a folder with the app. */
const ABOUT = [
  '.dockerignore',
  '.gitignore',
  '.github',
  '.gitlab-ci.yml',
  '.pre-commit-config.yaml',
  '.idea',
  '.vscode',
  'tests',
  'compose*.yaml',
  'stack.ts',
  'stacks',
  'asgi-synth.lock.json',
  'package.json',
  'package-lock.json',
  'tsconfig*.json',
] as const;

export interface IgnoreRequest {
  /** Absolute path of the build context. */
  readonly context: string;
  /** All that the build needs; absent: everything. */
  readonly needed: readonly string[] | undefined;
}

/** Text of a `Dockerfile.dockerignore` but for the outputs: our patterns, then the user's own, which therefore have the last word. */
export function dockerignoreText({ context, needed }: IgnoreRequest): string {
  const only = needed === undefined ? [] : ['*', ...[...new Set(needed)].toSorted().map((path) => `!${path}`)];
  const own = tryRead(join(context, '.dockerignore'))?.trimEnd();
  const lines = [...only, ...LEFT_OVER, ...PRIVATE, ...ABOUT];
  return [...lines, ...(own === undefined || own === '' ? [] : ['', '# From .dockerignore', own]), ''].join('\n');
}

/** What the build of the user's own Dockerfile sends: BuildKit prefers a file named after it. */
export function ownDockerignoreText(context: string, dockerfile: string): string {
  const own = tryRead(join(context, `${dockerfile}.dockerignore`)) ?? tryRead(join(context, '.dockerignore')) ?? '';
  return [...LEFT_OVER, own.trimEnd(), ''].join('\n');
}

/** Answers for paths of a context whether a `.dockerignore` text keeps them out of it. */
export interface Ignore {
  ignores(path: string): boolean;
  /** Whether something below an ignored folder may be let in again. */
  mayReturnBelow(folder: string): boolean;
}

export function parseIgnore(text: string): Ignore {
  const rules = dockerignore.default({ ignorecase: false }).add(text);
  const returning = text
    .split('\n')
    .flatMap((line) => (line.trim().startsWith('!') ? [tidy(line.trim().slice(1)).split('/')] : []));
  const patterns = returning.filter((parts) => parts.some(isPattern));
  const above = new Set(returning.flatMap((parts) => parts.map((_, index) => parts.slice(0, index).join('/'))));
  return {
    ignores: (path) => rules.ignores(path),
    mayReturnBelow: (folder) =>
      above.has(folder) || (patterns.length > 0 && mayMatchBelow(patterns, folder.split('/'))),
  };
}

function tidy(pattern: string): string {
  return pattern.replace(/^\/+|\/+$/g, '').replace(/^(\.\/)+/, '');
}

function isPattern(part: string): boolean {
  return /[*?[\\]/.test(part);
}

/** Whether none of the parts that a pattern and a folder have in common differ. */
function mayMatchBelow(patterns: readonly (readonly string[])[], folder: readonly string[]): boolean {
  return patterns.some((parts) => {
    const deep = parts.indexOf('**');
    const common = folder.slice(0, deep === -1 ? folder.length : deep);
    return common.every(
      (part, index) => parts[index] !== undefined && (isPattern(parts[index]) || parts[index] === part),
    );
  });
}
