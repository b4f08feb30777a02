import { linesOf, withComments, type Place } from './place.js';

/** What a RUN is for, by what it says; the first that fits. */
const STEPS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['apt-get', /apt-get/],
  ['passwd', /\/etc\/passwd/],
  ['folder', /"install"/],
  ['chmod', /chmod -R/],
  ['library', /sysconfig/],
  ['compileall', /compileall/],
  ['venv', /-m venv/],
  ['freeze', /--format=freeze/],
  ['server', /constraints\.txt gunicorn|install .*gunicorn==/],
  ['tool', /pip install (?:--[a-z-]+ )*(uv|poetry|poetry-plugin-export|pdm)==/],
];

/** The places of a Dockerfile: its stage (`build`; `run` for the last one), the instruction, and what that is for. */
export function dockerfilePlaces(text: string): Place[] {
  const lines = linesOf(text);
  const places = new Map<number, Place>();
  let stage = 'run';
  let at = 0;
  while (at < lines.length) {
    const first = lines[at]!;
    const end = at + lines.slice(at).findIndex((line) => !line.endsWith('\\'));
    if (first !== '' && !first.startsWith('#')) {
      const whole = lines.slice(at, end + 1).join('\n');
      const [instruction = '', ...words] = first.split(/\s+/);
      if (instruction === 'FROM') stage = / AS (\S+)$/.exec(first)?.[1] ?? 'run';
      const path = [stage, instruction, ...detail(instruction, words, whole)];
      for (let index = at; index <= end; index += 1) {
        const mount = /--mount=type=([a-z]+)/.exec(lines[index]!)?.[1];
        const own = mount === undefined ? path : [stage, instruction, `--mount=${mount}`];
        places.set(index + 1, { line: index + 1, path: own, value: lines[index]!.trim().replace(/\s*\\$/, '') });
      }
    }
    at = end + 1;
  }
  return withComments(lines, places);
}

function detail(instruction: string, words: readonly string[], whole: string): string[] {
  if (instruction === 'RUN') return [STEPS.find(([, pattern]) => pattern.test(whole))?.[0] ?? 'install'];
  if (instruction === 'ENV' || instruction === 'ARG') return [(words[0] ?? '').split('=')[0]!];
  if (instruction !== 'COPY') return [];
  return [words[0]?.startsWith('--from') ? (words[1] ?? '').replace(/^\/app\/.*$/, '/app') : 'sources'];
}
