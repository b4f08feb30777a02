import { version } from '../../../src/cli/version.js';
import type { CliResult } from '../support/cli.js';
import type { Project } from '../support/project.js';

/** All that is printed, and every file that is written. */
export function transcript(project: Project, { code, stdout, stderr }: CliResult): string {
  const contents = project.contents();
  const written = stdout.split('\n').filter((path) => contents[path] !== undefined);
  const texts = written.map((path) => `--- ${path}\n${contents[path]}`);
  const all = [`exit code ${code}\n`, '--- stderr\n', stderr, '--- stdout\n', stdout, ...texts].join('');
  return all.replaceAll(`"^${version()}"`, '"^VERSION"');
}
