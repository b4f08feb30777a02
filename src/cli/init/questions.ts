import { DNS_LABEL, HOST_NAME } from '../../model/values.js';
import type { Application } from '../../sources/discovery/applications.js';
import { sourcePath } from './stack-text.js';

/** Asks one question and returns the line that is typed; an empty one takes what is offered. */
export type Ask = (question: string) => Promise<string>;

/** Asks until the answer is right. @param say says what is wrong with an answer, undefined for a right one */
async function askFor(ask: Ask, question: string, say: (answer: string) => string | undefined): Promise<string> {
  for (let hint = ''; ;) {
    const answer = await ask(`${hint}${question}`);
    const wrong = answer === '' ? undefined : say(answer);
    if (wrong === undefined) return answer;
    hint = `${wrong}\n`;
  }
}

export async function askForName(ask: Ask, offered: string): Promise<string> {
  const answer = await askFor(ask, `Name of the stack [${offered}]: `, (name) =>
    isStackName(name) ? undefined : 'a name has 1 to 40 lower-case letters, digits and hyphens, with a letter first',
  );
  return answer === '' ? offered : answer;
}

/** Shorter than what a target takes, so that a stage has room behind it. */
export function isStackName(name: string): boolean {
  return DNS_LABEL.test(name) && /^[a-z]/.test(name) && name.length <= 40;
}

export async function askForApplication(ask: Ask, all: readonly Application[]): Promise<Application> {
  const lines = all.map(
    ({ module, source, from }, index) => `  ${index + 1}  ${module} in ${sourcePath(source)}, ${from}\n`,
  );
  const answer = await askFor(ask, `${lines.join('')}Which application [1]: `, (text) =>
    /^\d+$/.test(text) && all[Number(text) - 1] ? undefined : `a number from 1 to ${all.length} is needed`,
  );
  return all[Number(answer === '' ? 1 : answer) - 1]!;
}

/** Host names, none for any. */
export async function askForHosts(ask: Ask, offered: readonly string[]): Promise<string[]> {
  const shown = offered.length === 0 ? 'any' : offered.join(' ');
  const answer = await askFor(ask, `Host names that it answers, or any [${shown}]: `, (text) =>
    hostsIn(text).every((host) => HOST_NAME.test(host))
      ? undefined
      : 'a host name is like shop.example.com, without scheme, port or path',
  );
  if (answer === '') return [...offered];
  return answer === 'any' ? [] : [...new Set(hostsIn(answer))];
}

function hostsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

export async function askForChange(ask: Ask, path: string): Promise<boolean> {
  const answer = await askFor(ask, `Change ${path} like this? [Y/n]: `, (text) =>
    /^(y|yes|n|no)$/i.test(text) ? undefined : 'yes or no is needed',
  );
  return !/^n/i.test(answer);
}
