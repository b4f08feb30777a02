import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, runCliWith } from '../support/cli.js';
import { makeProject, writeFiles, type Project } from '../support/project.js';
import { COMPOSE_FILES } from './compose-files.js';
import { EXPLAIN, INIT, OUTPUT, WATCH } from './flows.js';
import { MISTAKES } from './mistakes.js';
import { OF_SOURCES, OF_TARGETS } from './targets.js';
import { expectPage, type Met } from './transcript.js';
import type { Case } from './case.js';

const PAGES: Readonly<Record<string, readonly Case[]>> = {
  'more-of-a-stack': MISTAKES,
  'more-of-targets': OF_TARGETS,
  'more-of-sources': OF_SOURCES,
  output: OUTPUT,
  'explain-and-graph': EXPLAIN,
  'watch-doctor-and-completion': WATCH,
  init: INIT,
  import: COMPOSE_FILES,
};

describe('what a user meets is on the page of', () => {
  test.each(Object.entries(PAGES))('%s', async (name, cases) => {
    const met: Met[] = [];
    for (const { title, files, args, shown, ...one } of cases) {
      using project = makeProject(files);
      for (const [path, target] of Object.entries(one.links ?? {})) symlinkSync(target, join(project.directory, path));
      if (one.twice) await runCli(project.directory, ...args);
      const result = await runCliWith(worldOf(one, project), project.directory, ...args);
      expect(`${result.stdout}${result.stderr}`).not.toContain('canary');
      met.push({
        title,
        args,
        ...result,
        stderr: result.stderr.replaceAll(/\n {4}at .*/g, ''),
        ...(shown === undefined ? {} : { shown }),
      });
    }
    await expectPage(name, met);
  });
});

function worldOf({ world, meanwhile }: Pick<Case, 'world' | 'meanwhile'>, { directory }: Project) {
  if (!world?.ask || meanwhile === undefined) return world;
  const { ask } = world;
  return {
    ...world,
    ask: (question: string) => {
      if (question.startsWith('Change ')) writeFiles(directory, { [meanwhile]: 'OTHER=1\n' });
      return ask(question);
    },
  };
}
