import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { messagesIn, type Template } from './places.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGES = ['test/golden/messages', 'test/unit/cli/expected'];

/** What speaks of a deployment, which only an engine can provoke: `test/unit/deployment` and `test/life` have those messages. */
const OF_A_DEPLOYMENT =
  /^deployment\/(?!doctor\/|development\/)|^cli\/(build|deploy|deployment-result|destroy|diff.*|lock|logs|rollback|run|status|status-text|verify)\.ts$/;

/** What is written into files and pictures, reasons of `synth explain` and the report, which have tests of their own, and what is for the user's own tests. */
const NO_MESSAGES =
  /^(graph\/|targets\/(?!.*problems).*(reasons|readme|support|redis|postgres|purposes)|cli\/report|template\.ts$|run-temporarily\.ts$|running-stack\.ts$)/;

/** Messages that no test provokes, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'cannot watch …: …; …': 'the kernel must have no watch left, or the test not be root',
  'raise fs.inotify.max_user_watches and max_user_instances with sysctl': 'the same',
  'look at its permissions': 'the same',
  'folder … cannot be read; change its mode, or name it in .dockerignore': 'root reads everything',
  'file … cannot be read; change its mode, or name it in .dockerignore': 'root reads everything',
  '… names no defaults and has those of …; npx synth diff --defaults shows what those of … would change':
    'there is one set of defaults; test/unit/cli/defaults.test.ts makes up another',
  'no version can be read from it': 'a lock file without uvicorn is refused before, unless that is accepted',
};

const messages = messagesIn(join(ROOT, 'src'), (path) => !OF_A_DEPLOYMENT.test(path) && !NO_MESSAGES.test(path));

/** All that users are told, line by line; a table of the doctor has an arrow between what is wrong and what to do. */
const lines = [
  ...new Set(
    PAGES.flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
    )
      .join('\n')
      .replaceAll(' → ', '; ')
      .split('\n'),
  ),
];

/** The fixed words of a message, those apart between which a line has more. */
function partsOf({ words }: Template): string[] {
  return words.flatMap((part) => part.split(/\n|(?=; )/)).filter((part) => part.trim() !== '');
}

function isOnAPage(message: Template): boolean {
  const parts = partsOf(message);
  return lines.some((line) => {
    let at = 0;
    return parts.every((part) => {
      const found = line.indexOf(part, at);
      at = found + part.length;
      return found >= 0;
    });
  });
}

test('every message that the code makes is on a page, as somebody meets it', () => {
  expect(messages.length).toBeGreaterThan(450);
  const missing = messages
    .filter((message) => !isOnAPage(message))
    .filter(({ words }) => EXCEPTIONS[words.join('…')] === undefined)
    .map(({ place, words }) => `${place} ${words.join('…')}`);
  expect(missing).toEqual([]);
});

test('what is excepted is still said', () => {
  const said = messages.map(({ words }) => words.join('…'));
  expect(Object.keys(EXCEPTIONS).filter((words) => !said.includes(words))).toEqual([]);
});
