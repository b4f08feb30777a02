import { interpolate } from './interpolate.js';
import { commandIn, type Command } from './words.js';

/** What a Dockerfile of somebody's own says that a stack can use. */
export interface DockerfileFacts {
  readonly command: Command | undefined;
  /** Image that it is made from, in lower case. */
  readonly base: string;
  /** Path that its HEALTHCHECK asks for. */
  readonly health: string | undefined;
  /** Debian packages that the last stage installs, those for building left out. */
  readonly packages: readonly string[];
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Reads the stage that is built: the last one, or the one that is named. */
export function dockerfileFacts(text: string, target?: string): DockerfileFacts {
  const stages = stagesOf(text);
  const own = [...stages].reverse().find(({ name }) => target === undefined || name === target.toLowerCase());
  const chain = own ? chainOf(stages, own) : [];
  const last = (name: string) =>
    chain.map(({ instructions }) => instructions.findLast((one) => one.name === name)).find(Boolean)?.rest;
  const values = new Map(chain.toReversed().flatMap(({ instructions }) => instructions.flatMap(valuesIn)));
  const words = [...wordsIn(last('ENTRYPOINT'), values), ...wordsIn(last('CMD'), values)];
  return {
    command: words.length === 0 ? undefined : commandIn(words),
    base: chain.at(-1)?.from ?? '',
    health: healthPath(last('HEALTHCHECK') ?? ''),
    packages: [...new Set(chain.flatMap(({ instructions }) => instructions.flatMap(packagesIn)))].toSorted(),
  };
}

interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

function stagesOf(text: string): Stage[] {
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const { name, rest } of instructionsIn(text)) {
    if (name === 'FROM') {
      const [from = '', , alias = ''] = rest.replace(/^--\S+\s+/, '').split(/\s+/);
      stages.push({ name: alias.toLowerCase(), from: from.toLowerCase(), instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, rest });
  }
  return stages;
}

function instructionsIn(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\[ \t]*\n/g, ' ')
    .split('\n');
  return lines.flatMap((line) => {
    const [, name = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    return name === '' ? [] : [{ name: name.toUpperCase(), rest }];
  });
}

/** A stage and those that it is made from, itself first. */
function chainOf(stages: readonly Stage[], stage: Stage): Stage[] {
  const before = stages.slice(0, stages.indexOf(stage));
  const below = before.findLast(({ name }) => name !== '' && name === stage.from);
  return [stage, ...(below ? chainOf(before, below) : [])];
}

/** `ENV NAME=value` and `ENV NAME value`. */
function valuesIn({ name, rest }: Instruction): (readonly [string, string])[] {
  if (name !== 'ENV') return [];
  const [, only, value] = /^(\w+)\s+(.*)$/.exec(rest) ?? [];
  if (only !== undefined) return [[only, value ?? '']];
  return [...rest.matchAll(/(\w+)=(?:"([^"]*)"|(\S*))/g)].map(([, key = '', a, b]) => [key, a ?? b ?? '']);
}

/** The JSON form, or a shell line, whose variables have the values of the image. */
function wordsIn(rest: string | undefined, values: ReadonlyMap<string, string>): readonly string[] {
  if (rest === undefined) return [];
  if (!rest.startsWith('[')) return ['sh', '-c', interpolate(rest, values).text];
  try {
    const words: unknown = JSON.parse(rest);
    return Array.isArray(words) ? words.filter((word) => typeof word === 'string') : [];
  } catch {
    return [];
  }
}

const URL_OF_ITSELF =
  /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(?:\d+|\$\{?\w+[^}\s]*\}?))?(\/[^\s"')\\;|]*)?/;

/** The path of a URL of the container itself, as a check of curl, wget or Python asks for it. */
export function healthPath(check: string): string | undefined {
  const found = URL_OF_ITSELF.exec(check);
  return found ? (found[1] ?? '/') : undefined;
}

/** What installs or compiles something is not needed by what runs, and our image has the rest already. */
const FOR_BUILDING =
  /-dev$|^(build-essential|gcc|g\+\+|make|cmake|git|curl|wget|gnupg2?|apt-transport-https|ca-certificates|pkg-config|lsb-release|software-properties-common|unzip|netcat(-\w+)?|nano|vim|procps|bash|tini|dumb-init|gosu|cron|nginx|supervisor|python3.*|pipx?|nodejs|npm)$/;

function packagesIn({ name, rest }: Instruction): string[] {
  if (name !== 'RUN') return [];
  return [...rest.matchAll(/\bapt(?:-get)?\s+(?:-\S+\s+)*install\s+([^;&|]*)/g)].flatMap(([, list = '']) =>
    list
      .split(/\s+/)
      .map((word) => word.replace(/=.*$/, ''))
      .filter((word) => /^[a-z0-9][a-z0-9+.-]+$/.test(word) && !FOR_BUILDING.test(word)),
  );
}
