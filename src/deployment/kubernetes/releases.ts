import { userError } from '../../errors.js';
import type { Kubectl } from '../kubectl.js';
import { packRelease, unpackRelease, type Ledger, type Release } from '../ledger.js';
import { ownLabels, ownSelector } from './labels.js';
import { objectsIn, type ClusterObject } from './objects.js';

/** Label with the number of a release. */
const RELEASE = 'asgi-synth/release';
const TYPE = 'asgi-synth/release.v1';
const KEY = 'release';
/** The most that the API server takes in one Secret. */
const LARGEST = 2 ** 20;

interface Stored extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Name of the Secret that holds a release. Ids hold no dots, so that it can be no secret of the stack. */
export function releaseName(name: string, number: number): string {
  return `${name}.release.${number}`;
}

export function releaseObject(name: string, release: Release): Stored {
  const text = packRelease(release);
  if (text.length > LARGEST)
    throw userError(
      `release ${release.number} of ${name} is ${Math.ceil(text.length / 1024)} KiB even when packed, and a Secret holds 1024; make what the stack adds to the output smaller`,
    );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: TYPE,
    immutable: true,
    metadata: {
      name: releaseName(name, release.number),
      labels: { ...ownLabels(name, 'release'), [RELEASE]: String(release.number) },
    },
    data: { [KEY]: Buffer.from(text).toString('base64') },
  };
}

/** The releases in what a cluster stores, oldest first. Throws a `UserError` for one that cannot be read. */
export function releasesIn(stored: readonly Stored[]): Release[] {
  return stored
    .filter((object) => object['type'] === TYPE)
    .map(({ metadata, data }) => {
      try {
        return unpackRelease(Buffer.from(data?.[KEY] ?? '', 'base64').toString('utf8'));
      } catch (error) {
        throw userError(
          `the Secret ${metadata.name} holds no release that this version of asgi-synth can read; update it, or delete that Secret`,
          {},
          { cause: error },
        );
      }
    })
    .toSorted((a, b) => a.number - b.number);
}

/** What a namespace knows of a name. */
export async function readReleases(kubectl: Kubectl, name: string): Promise<Release[]> {
  return releasesIn(await storedReleases(kubectl, name));
}

/** Namespaces in which a name was deployed; none where we may not look into all of them. */
export async function namespacesWith(kubectl: Kubectl, name: string): Promise<string[]> {
  const { stdout, exitCode } = await kubectl.attempt([
    'get',
    'secrets',
    '--all-namespaces',
    '--selector',
    ownSelector(name, 'release'),
    '--output',
    'jsonpath={range .items[*]}{.metadata.namespace}{"\\n"}{end}',
  ]);
  return exitCode === 0 ? [...new Set(stdout.split('\n').filter((line) => line !== ''))].toSorted() : [];
}

function storedReleases(kubectl: Kubectl, name: string): Promise<Stored[]> {
  const args = ['get', 'secrets', '--selector', ownSelector(name, 'release'), '--output', 'json'];
  return kubectl.run(args).then(objectsIn<Stored>);
}

/** Stores what is new in a ledger, and forgets what is no longer in it. */
export async function writeReleases(kubectl: Kubectl, { name, releases }: Ledger): Promise<void> {
  const there = (await storedReleases(kubectl, name)).map(({ metadata }) => metadata.name);
  for (const release of releases) {
    if (there.includes(releaseName(name, release.number))) continue;
    await kubectl.run(['create', '--filename', '-'], { input: JSON.stringify(releaseObject(name, release)) });
  }
  const kept = releases.map(({ number }) => releaseName(name, number));
  const old = there.filter((one) => !kept.includes(one));
  if (old.length > 0) await kubectl.run(['delete', 'secrets', ...old, '--ignore-not-found', '--wait=false']);
}
