import { UserError } from '../../errors.js';
import { packRelease, unpackRelease, type Ledger, type Release } from '../ledger.js';
import { CommandFailed } from '../docker.js';
import { ALREADY, OWNER, type Manager } from './manager.js';

/** Bytes that a config of a Swarm may hold: later engines take twice as much. */
const LARGEST_CONFIG = 500 * 1024;

/** Label that says which release a config holds. */
export const RELEASE = 'asgi-synth.release';

interface Config {
  readonly Spec: { readonly Name: string; readonly Labels: Readonly<Record<string, string>>; readonly Data: string };
}

/** The releases of a name, one config each. */
export async function readLedger(manager: Manager, name: string): Promise<Ledger> {
  const configs = await releaseConfigs(manager, `${OWNER}=${name}`);
  const releases = configs.map(release).toSorted((one, other) => one.number - other.number);
  return { name, releases };
}

/** Every release of every name on the Swarm. */
export async function allReleases(manager: Manager): Promise<Release[]> {
  return (await releaseConfigs(manager, RELEASE)).map(release);
}

/** Stores what is new in a ledger, and removes what is not in it any more. */
export async function writeLedger(manager: Manager, { name, releases }: Ledger): Promise<void> {
  const stored = await releaseNames(manager, name);
  for (const one of releases) {
    const config = releaseName(name, one.number);
    if (stored.includes(config)) continue;
    const labels = ['--label', `${OWNER}=${name}`, '--label', `${RELEASE}=${one.number}`];
    const args = ['config', 'create', ...labels, config, '-'];
    const { exitCode, stderr } = await manager.attempt(args, { input: packed(one) });
    // A number is given once: one that is there is ours, and only the answer was lost.
    if (exitCode !== 0 && !ALREADY.test(stderr)) throw new CommandFailed(['docker', ...args], exitCode, stderr);
  }
  const kept = releases.map(({ number }) => releaseName(name, number));
  for (const config of stored.filter((one) => !kept.includes(one))) await manager.remove('config', config);
}

/** Names of the configs that hold the releases of a name. */
export function releaseNames(manager: Manager, name: string): Promise<string[]> {
  return manager
    .names('config', `${OWNER}=${name}`)
    .then((names) => names.filter((config) => config.startsWith(`${name}_release_`)));
}

function releaseName(name: string, number: number): string {
  return `${name}_release_${number}`;
}

async function releaseConfigs(manager: Manager, label: string): Promise<Config[]> {
  const names = await manager.names('config', label);
  const found = await manager.inspect<Config>(['config', 'inspect'], names);
  return found.filter(({ Spec }) => Spec.Labels[RELEASE] !== undefined);
}

function release({ Spec }: Config): Release {
  return unpackRelease(Buffer.from(Spec.Data, 'base64').toString('utf8'));
}

/** Text of a release. Throws a `UserError` where a Swarm cannot hold it. */
export function packed(one: Release): string {
  const text = packRelease(one);
  if (text.length <= LARGEST_CONFIG) return text;
  const largest = one.files.toSorted((a, b) => b.content.length - a.content.length)[0]?.path ?? 'the output';
  throw new UserError([
    {
      message: `release ${one.number} of ${one.plan.name} is ${text.length} bytes packed, and a Swarm keeps at most ${LARGEST_CONFIG}; make the output smaller, first of all ${largest}`,
    },
  ]);
}
