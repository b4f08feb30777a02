import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '../../errors.js';
import type { DeployLock } from '../deployer.js';
import { CommandFailed } from '../docker.js';
import type { Plan } from '../plan.js';
import { ALREADY, OWNER, type Manager } from './manager.js';

/** Seconds between two signs of life of a holder. */
const BEAT = 3;

/** Seconds after which a holder that gave none is dead: more than a Swarm needs for a new leader. */
const SILENCE = 12;

/** A lock that notices when it was taken away. */
export interface SwarmLock extends DeployLock {
  /** Aborted once somebody else has taken the lock over, since this process had stood still for too long. */
  readonly lost: AbortSignal;
}

interface Held {
  readonly id: string;
  readonly holder: string;
  readonly since: string;
  readonly beat: string;
}

/**
 * One service without tasks a name: making it is atomic over all managers. Its holder counts a label up; who finds it taken watches
 * whether the count goes on. No clock is compared with another.
 */
export async function takeLock(manager: Manager, { name, apps, edge }: Plan, holder: string): Promise<SwarmLock> {
  const image = edge?.image ?? apps[0]?.image ?? 'scratch';
  for (;;) {
    const id = await create(manager, name, image, holder);
    if (id !== undefined) return keep(manager, id);
    await takeAway(manager, name);
  }
}

export function lockName(name: string): string {
  return `${name}-deploy-lock`;
}

/** Its id; `undefined` where there is one already. */
async function create(manager: Manager, name: string, image: string, holder: string): Promise<string | undefined> {
  const args = [
    ...['service', 'create', '--detach', '--quiet', '--no-resolve-image', '--replicas', '0', '--name', lockName(name)],
    ...['--label', `${OWNER}=${name}`, '--label', `asgi-synth.holder=${holder}`, '--label', 'asgi-synth.beat=0'],
    image,
  ];
  const { stdout, stderr, exitCode } = await manager.attempt(args);
  if (exitCode === 0) return stdout.trim();
  if (ALREADY.test(stderr)) return undefined;
  throw new CommandFailed(['docker', ...args], exitCode, stderr);
}

/** Removes the lock of a holder that gives no sign of life. Throws where it does. */
async function takeAway(manager: Manager, name: string): Promise<void> {
  const first = await look(manager, name);
  if (!first) return;
  for (let second = 0; second < SILENCE; second += BEAT) {
    await sleep(BEAT * 1000);
    const now = await look(manager, name);
    if (!now || now.id !== first.id) return;
    if (now.beat !== first.beat)
      throw userError(
        `${name} is being deployed by ${now.holder} since ${now.since}; wait until that has ended, and deploy again`,
      );
  }
  // By its id: what somebody else has made meanwhile under this name stays.
  await manager.attempt(['service', 'rm', first.id]);
}

async function look(manager: Manager, name: string): Promise<Held | undefined> {
  const [service] = await manager.inspect<{ ID: string; CreatedAt: string; Spec: { Labels: Record<string, string> } }>(
    ['service', 'inspect'],
    [lockName(name)],
  );
  if (!service) return undefined;
  const { Labels } = service.Spec;
  return {
    id: service.ID,
    since: service.CreatedAt.replace(/\.\d+Z$/, 'Z'),
    holder: Labels['asgi-synth.holder'] ?? 'somebody',
    beat: Labels['asgi-synth.beat'] ?? '',
  };
}

/** Counts up until it is released. */
function keep({ docker }: Manager, id: string): SwarmLock {
  const lost = new AbortController();
  let beat = 0;
  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating.then(
      async () => {
        const label = `asgi-synth.beat=${++beat}`;
        const { exitCode, stderr } = await docker.attempt([
          'service',
          'update',
          '--detach',
          '--quiet',
          '--no-resolve-image',
          '--label-add',
          label,
          id,
        ]);
        if (exitCode !== 0 && /not found|no such service/i.test(stderr))
          lost.abort(userError('another process has taken this deployment over, since this one stood still'));
      },
      () => undefined,
    );
  }, BEAT * 1000);
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await beating;
      await docker.attempt(['service', 'rm', id]);
    },
  };
}
