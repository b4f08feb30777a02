import { setTimeout as sleep } from 'node:timers/promises';
import { UserError, userError } from '../../errors.js';
import type { DeployLock } from '../deployer.js';
import { CommandFailed } from '../docker.js';
import type { Kubectl } from '../kubectl.js';
import { ownLabels } from './labels.js';
import { objectsIn, type ClusterObject } from './objects.js';

/** Seconds between two signs of life of who deploys. */
const HEARTBEAT = 3;
/** Seconds without one after which somebody else may take over: three that were missed. */
const SILENCE = 10;

interface Lease extends ClusterObject {
  readonly spec: { readonly holderIdentity?: string; readonly acquireTime?: string; readonly renewTime?: string };
}

/** A lock that says whether it is still held: one whose holder slept for too long belongs to somebody else. */
export interface HeldLock extends DeployLock {
  /** Throws a `UserError` where it is not. */
  assertHeld(): void;
}

/**
 * Takes the lock of a name, a Lease. Who holds one shows it by changing it; whether it changes is all that counts, since clocks differ.
 */
export async function takeLease(kubectl: Kubectl, name: string, holder: string): Promise<HeldLock> {
  const lease = leaseName(name);
  const taken = (await tryCreate(kubectl, name, holder)) ?? (await takeOver(kubectl, name, holder));
  return new LeaseLock(kubectl, lease, taken, name);
}

export function leaseName(name: string): string {
  return `${name}-deploy`;
}

async function tryCreate(kubectl: Kubectl, name: string, holder: string): Promise<Lease | undefined> {
  const args = ['create', '--filename', '-', '--output', 'json'];
  const { stdout, stderr, exitCode } = await kubectl.attempt(args, { input: JSON.stringify(leaseOf(name, holder)) });
  if (exitCode === 0) return JSON.parse(stdout) as Lease;
  if (/\(AlreadyExists\)|already exists/.test(stderr)) return undefined;
  throw new CommandFailed(['kubectl', ...args], exitCode, stderr);
}

function leaseOf(name: string, holder: string): ClusterObject {
  const now = microTime();
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: leaseName(name), labels: ownLabels(name, 'lock') },
    spec: { holderIdentity: holder, leaseDurationSeconds: SILENCE, acquireTime: now, renewTime: now },
  };
}

function microTime(): string {
  return new Date().toISOString().replace(/Z$/, '000Z');
}

async function takeOver(kubectl: Kubectl, name: string, holder: string): Promise<Lease> {
  const first = await readLease(kubectl, name);
  const end = performance.now() + SILENCE * 1000;
  while (first !== undefined && performance.now() < end) {
    await sleep(1000);
    const now = await readLease(kubectl, name);
    if (now === undefined) break;
    if (now.metadata.resourceVersion !== first.metadata.resourceVersion) throw busy(name, now);
  }
  const taken = await replaceLease(kubectl, name, holder, first);
  if (taken) return taken;
  throw busy(name, await readLease(kubectl, name));
}

/** Nobody but one gets it where several want to take over: the version that was seen must be the one that is there. */
async function replaceLease(
  kubectl: Kubectl,
  name: string,
  holder: string,
  seen: Lease | undefined,
): Promise<Lease | undefined> {
  const current = await readLease(kubectl, name);
  if (current === undefined) return tryCreate(kubectl, name, holder);
  const lease = leaseOf(name, holder);
  const { stdout, exitCode } = await kubectl.attempt(['replace', '--filename', '-', '--output', 'json'], {
    input: JSON.stringify({
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: (seen ?? current).metadata.resourceVersion },
    }),
  });
  return exitCode === 0 ? (JSON.parse(stdout) as Lease) : undefined;
}

async function readLease(kubectl: Kubectl, name: string): Promise<Lease | undefined> {
  const args = ['get', 'leases.coordination.k8s.io', leaseName(name), '--ignore-not-found', '--output', 'json'];
  return objectsIn<Lease>(await kubectl.run(args))[0];
}

function busy(name: string, lease: Lease | undefined): UserError {
  const { holderIdentity = 'somebody', acquireTime } = lease?.spec ?? {};
  const since = acquireTime === undefined ? '' : ` since ${acquireTime.replace(/\.\d+Z$/, 'Z')}`;
  return userError(
    `${name} is being deployed by ${holderIdentity}${since}; wait until that is done and run the command again`,
  );
}

class LeaseLock implements HeldLock {
  private readonly kubectl: Kubectl;
  private readonly lease: string;
  private readonly name: string;
  private readonly timer: NodeJS.Timeout;
  private version: string;
  private beat: Promise<void> = Promise.resolve();
  private isBeating = false;
  private isLost = false;

  constructor(kubectl: Kubectl, lease: string, { metadata }: Lease, name: string) {
    this.kubectl = kubectl;
    this.lease = lease;
    this.name = name;
    this.version = metadata.resourceVersion ?? '';
    this.timer = setInterval(() => this.next(), HEARTBEAT * 1000).unref();
  }

  assertHeld(): void {
    if (this.isLost)
      throw userError(
        `this deployment of ${this.name} showed no sign of life for ${SILENCE} s, and another one has taken over; nothing more was changed`,
      );
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.beat;
    if (this.isLost) return;
    // Where the namespace has gone with all that is in it, the lock has gone as well.
    await this.kubectl.attempt([
      'delete',
      'leases.coordination.k8s.io',
      this.lease,
      '--ignore-not-found',
      '--wait=false',
    ]);
  }

  private next(): void {
    if (this.isBeating || this.isLost) return;
    this.isBeating = true;
    this.beat = this.renew()
      .catch(() => undefined)
      .finally(() => (this.isBeating = false));
  }

  private async renew(): Promise<void> {
    const patch = { metadata: { resourceVersion: this.version }, spec: { renewTime: microTime() } };
    const args = ['patch', 'leases.coordination.k8s.io', this.lease, '--type', 'merge', '--output', 'json'];
    const { stdout, stderr, exitCode } = await this.kubectl.attempt([...args, '--patch', JSON.stringify(patch)]);
    if (exitCode === 0) this.version = (JSON.parse(stdout) as Lease).metadata.resourceVersion ?? this.version;
    // A server that does not answer takes no lock away.
    else if (/\((Conflict|NotFound)\)/.test(stderr)) this.isLost = true;
  }
}
