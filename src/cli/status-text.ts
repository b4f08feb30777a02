import type { AppStatus, DeploymentStatus } from '../deployment/deployer.js';
import { withoutDigest } from '../targets/context.js';
import { table } from './terminal.js';

/** Whether as many processes are healthy as there should be, of each app. */
export function isHealthy({ apps }: DeploymentStatus): boolean {
  return apps.length > 0 && apps.every(({ wanted, healthy }) => healthy >= wanted);
}

/** What runs, for people: the release, and a line an app. */
export function statusText(status: DeploymentStatus): string {
  const { name, release, at, by, engine, apps } = status;
  const line =
    release === undefined
      ? withoutRelease(status)
      : `${name} release ${release}, deployed ${at} by ${by}, on ${engine}\n`;
  if (apps.length === 0) return line;
  return line + table([['app', 'image', 'healthy', 'restarts', 'since', 'node'], ...apps.map(row)]);
}

function withoutRelease({ name, engine, apps }: DeploymentStatus): string {
  return apps.length === 0
    ? `no release of ${name} is on ${engine}\n`
    : `${name} runs on ${engine}, but was not deployed by synth\n`;
}

/**
 * What to do where no release is there, one line.
 *
 * @param again words that name stack, stage and target
 */
export function afterStatus({ release, apps }: DeploymentStatus, again: string): string | undefined {
  if (release !== undefined) return undefined;
  return `npx synth deploy ${again}${apps.length === 0 ? '' : ' makes it a release'}`;
}

function row({ app, image, wanted, healthy, containers }: AppStatus): string[] {
  const running = containers.filter(({ state }) => state !== 'stopped');
  const restarts = containers.reduce((sum, one) => sum + one.restarts, 0);
  return [
    app,
    shortImage(image),
    `${healthy}/${wanted}`,
    String(restarts),
    latest(running.map(({ since }) => since)),
    nodes(running.map(({ node }) => node)),
  ];
}

/** Name and tag: the registry and the digest are the same for every line. */
function shortImage(reference: string): string {
  return withoutDigest(reference).split('/').at(-1) ?? reference;
}

/** When the last of them came up: from then on it was as it is. */
function latest(times: readonly string[]): string {
  const last = times
    .filter((time) => time !== '')
    .toSorted()
    .at(-1);
  return last === undefined ? '-' : last.replace(/\.\d+/, '');
}

function nodes(names: readonly (string | undefined)[]): string {
  const known = names.filter((name) => name !== undefined);
  const distinct = [...new Set(known)].toSorted();
  const count = (name: string) => known.filter((one) => one === name).length;
  return distinct.map((name) => (count(name) > 1 ? `${name} (${count(name)})` : name)).join(', ') || '-';
}
