/** A command without what only starts it, and what that was. */
export interface Unwrapped {
  /** Words from the program on, which is named without its folder. */
  readonly words: readonly string[];
  /** Programs around it that do something of their own, such as `opentelemetry-instrument`. */
  readonly around: readonly string[];
}

/** Runners of an environment, which an image of ours does not need. */
const RUNNERS: Readonly<Record<string, RegExp>> = {
  uv: /^run$/,
  poetry: /^run$/,
  pdm: /^run$/,
  pipenv: /^run$/,
  hatch: /^run$/,
};
const STARTERS = /^(exec|tini|dumb-init|catatonit|env)$/;
const AS_USER = /^(gosu|su-exec)$/;
const INSTRUMENTS = /^(opentelemetry-instrument|ddtrace-run|newrelic-admin|watchmedo|doppler|infisical|op)$/;
const WAITS = /(^|\/)(wait-for(-it)?(\.sh)?|dockerize|wait4x)$/;

/** What a command comes down to: `poetry run python -m uvicorn main:app` is `uvicorn main:app`. */
export function unwrap(words: readonly string[], around: readonly string[] = []): Unwrapped {
  const [first = '', second = ''] = words;
  const name = first.split('/').at(-1) ?? '';
  const again = (rest: readonly string[], one?: string) => unwrap(rest, one === undefined ? around : [...around, one]);
  const dashes = words.indexOf('--');
  if (STARTERS.test(name) && words.length > 1) return again(withoutFlags(words.slice(1)));
  if (AS_USER.test(name)) return again(words.slice(2));
  if (RUNNERS[name]?.test(second)) return again(withoutFlags(words.slice(2)));
  if (/^python[\d.]*$/.test(name) && second === '-m' && words.length > 2) return again(words.slice(2));
  if (/^python[\d.]*$/.test(name) && /^-[uOBI]+$/.test(second)) return again([first, ...words.slice(2)]);
  if (WAITS.test(name) && dashes !== -1) return again(words.slice(dashes + 1));
  if (INSTRUMENTS.test(name))
    return again(
      dashes === -1 ? withoutFlags(words.slice(name === 'newrelic-admin' ? 2 : 1)) : words.slice(dashes + 1),
      name,
    );
  return { words: name === '' ? [] : [name, ...words.slice(1)], around };
}

/** Flags of a starter, and the values that begin no program. */
function withoutFlags(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => word !== '--' && !word.startsWith('-') && !/^[A-Z_]+=/.test(word));
  return start === -1 ? [] : words.slice(start);
}
