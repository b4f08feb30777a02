import { createTwoFilesPatch } from 'diff';
import { namesIn } from '../../deployment/dot-env.js';
import type { StackPlan } from './plan.js';
import { askForChange, type Ask } from './questions.js';

/** A file beside the stack that should hold something. */
export interface PlannedFile {
  readonly path: string;
  /** What is there; undefined where nothing is. */
  readonly before: string | undefined;
  readonly content: string;
}

/** What somebody must fill in before a stack can be deployed. */
export interface Wanted {
  /** Ids of secrets. */
  readonly secrets: readonly string[];
  /** Variables that only have a stand-in. */
  readonly settings: readonly { readonly name: string; readonly value: unknown }[];
}

/** What the plan of a stack leaves open. */
export function wantedBy(plan: StackPlan): Wanted {
  const passwords = plan.databases.filter(({ password }) => password === undefined).map(({ id }) => `${id}_password`);
  return {
    secrets: [...plan.secrets.map(({ id }) => id), ...passwords],
    settings: plan.environment.filter(({ isStandIn }) => isStandIn),
  };
}

/** `.env.example` with a line for each variable that somebody must know; undefined where it has them all. */
export function envExample(wanted: Wanted, file: string, before: string | undefined): PlannedFile | undefined {
  const known = namesIn(before ?? '');
  const secrets = wanted.secrets.map((id) => ({ name: id.toUpperCase(), value: '' }));
  const settings = wanted.settings.map(({ name, value }) => ({ name, value }));
  const lines = [
    ...section(
      `# Secrets of ${file}: fill them in a file .env, and deploy after: set -a; . ./.env; set +a`,
      secrets.filter(({ name }) => !known.has(name)),
    ),
    ...section(
      `# Settings without a default; on a target they have the values of ${file}`,
      settings.filter(({ name }) => !known.has(name)),
    ),
  ];
  if (lines.length === 0) return undefined;
  const above = ended(before);
  return { path: '.env.example', before, content: `${above}${above === '' ? '' : '\n'}${lines.join('\n')}\n` };
}

function section(title: string, lines: readonly { readonly name: string; readonly value: unknown }[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map(({ name, value }) => `${name}=${String(value)}`)];
}

const IGNORED = ['node_modules/', '.env', '/out/'];

/** `.gitignore` with what belongs into no repository; undefined where it has all of that. */
export function gitIgnore(before: string | undefined): PlannedFile | undefined {
  const bare = (line: string) => line.trim().replace(/^\/|\/\*?$/g, '');
  const known = new Set((before ?? '').split('\n').map(bare));
  const lines = IGNORED.filter((line) => !known.has(bare(line)));
  if (lines.length === 0) return undefined;
  return { path: '.gitignore', before, content: `${ended(before)}${lines.join('\n')}\n` };
}

/** A text that more lines can follow. */
function ended(text = ''): string {
  return text === '' ? '' : text.replace(/\n*$/, '\n');
}

/** What lets `npx synth` find the command of this project, rather than ask the registry for a package of that name. */
export function packageFile(version: string): PlannedFile {
  const content = { private: true, type: 'module', devDependencies: { 'asgi-synth': `^${version}` } };
  return { path: 'package.json', before: undefined, content: `${JSON.stringify(content, null, 2)}\n` };
}

/** The files that may be written: a change of one that is there is shown first. */
export async function agreed(
  files: readonly PlannedFile[],
  { tell, ask }: { readonly tell: (text: string) => void; readonly ask: Ask | undefined },
): Promise<PlannedFile[]> {
  const kept: PlannedFile[] = [];
  for (const file of files) {
    if (file.before !== undefined) tell(changeText(file));
    if (file.before === undefined || !ask || (await askForChange(ask, file.path))) kept.push(file);
  }
  return kept;
}

/** What would change in a file, as `diff -u` shows it. */
export function changeText({ path, before = '', content }: PlannedFile): string {
  return createTwoFilesPatch(path, path, before, content, undefined, undefined, { context: 2 }).replace(
    /^Index: .*\n=+\n/,
    '',
  );
}
