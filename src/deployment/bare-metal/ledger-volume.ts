import type { Docker } from '../docker.js';
import { KEPT_RELEASES, packRelease, unpackRelease, type Ledger, type Release } from '../ledger.js';
import { Box } from './box.js';

/** Nothing can be removed from a volume without a shell in some image, so that releases take turns in a few files. */
const SLOTS = KEPT_RELEASES + 3;

/** Name of the volume that keeps the releases. No volume of a stack has a dot in its name. */
export function ledgerVolume(name: string): string {
  return `${name}.asgi-synth`;
}

export const LEDGER_LABEL = 'asgi-synth.ledger';

/** What is in the volume; a file that was written to half is none. */
export async function readLedger(docker: Docker, name: string): Promise<Ledger> {
  const there = await docker.lines(['volume', 'ls', '--quiet', '--filter', `name=${ledgerVolume(name)}`]);
  if (!there.includes(ledgerVolume(name))) return { name, releases: [] };
  return ledgerFrom(name, (await readFiles(docker, name)).values());
}

/** A ledger from the text of each file. */
export function ledgerFrom(name: string, texts: Iterable<string>): Ledger {
  const releases = [...texts].flatMap((text) => tryUnpack(text) ?? []);
  return { name, releases: releases.toSorted((a, b) => a.number - b.number).slice(-KEPT_RELEASES) };
}

function tryUnpack(text: string): Release | undefined {
  try {
    return unpackRelease(text);
  } catch {
    return undefined;
  }
}

/** Adds the releases that the volume lacks. None of those that stay is written again: to be killed meanwhile costs the new one alone. */
export async function writeLedger(docker: Docker, { name, releases }: Ledger): Promise<void> {
  const stack = releases.at(-1)?.plan.stack ?? name;
  const labels = [`asgi-synth.stack=${name}`, `${LEDGER_LABEL}=${stack}`];
  await docker.run(['volume', 'create', ...labels.flatMap((label) => ['--label', label]), ledgerVolume(name)]);
  const known = await readFiles(docker, name);
  const files = releases
    .map((release) => ({ path: `release-${release.number % SLOTS}`, text: packRelease(release) }))
    .filter(({ path, text }) => known.get(path) !== text);
  if (files.length === 0) return;
  const tar = files.map(({ path, text }) => ({ path, content: Buffer.from(text), mode: 0o600 }));
  await new Box(docker, ledgerVolume(name), name).write(tar);
}

async function readFiles(docker: Docker, name: string): Promise<Map<string, string>> {
  const files = await new Box(docker, ledgerVolume(name), name).read();
  return new Map(
    files.map(({ path, content }) => [path.replace(/^.*\//, ''), Buffer.from(content).toString('latin1')]),
  );
}
