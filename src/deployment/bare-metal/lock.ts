import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { userError } from '../../errors.js';
import type { DeployLock } from '../deployer.js';
import type { Docker } from '../docker.js';
import type { Plan } from '../plan.js';
import { localImages } from './images.js';

const HOLDER = 'asgi-synth.holder';

export function lockName(name: string): string {
  return `${name}-deploy-lock`;
}

/**
 * A container whose name nobody else can take, and that lives as long as its input is open: when this process dies in whatever way, the
 * engine sees the end of the input and removes it.
 */
export async function takeLock(docker: Docker, plan: Plan, holder: string): Promise<DeployLock> {
  for (const image of await imagesFor(docker, plan)) {
    const taken = await tryImage(docker, plan.name, { holder, image });
    if (taken) return taken;
  }
  throw userError(
    `no image of ${plan.name} is on the engine or can be pulled, so that nothing could run; build or push the images, then deploy again`,
  );
}

async function imagesFor(docker: Docker, { name, edge, apps }: Plan): Promise<string[]> {
  const own = [...(edge ? [edge.image] : []), ...apps.map(({ image }) => image)];
  const there = await localImages(docker, name, own);
  if (there.length > 0) return there;
  for (const image of own) if ((await docker.attempt(['pull', '--quiet', image])).exitCode === 0) return [image];
  return [];
}

/** Undefined where the image has no `cat`. */
async function tryImage(
  docker: Docker,
  name: string,
  { holder, image }: { holder: string; image: string },
): Promise<DeployLock | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    const child = docker.spawn([
      ...[
        'run',
        '--rm',
        '--interactive',
        '--pull',
        'never',
        '--name',
        lockName(name),
        '--label',
        `${HOLDER}=${holder}`,
      ],
      ...['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--log-driver', 'none'],
      ...['--entrypoint', 'cat', image],
    ]);
    const refused = await whetherRefused(child);
    if (refused === undefined) return { release: () => release(child) };
    if (!/is already in use/.test(refused)) return undefined;
    await refuseIfHeld(docker, name);
  }
  throw userError(`the lock of ${name} cannot be taken: docker rm --force ${lockName(name)}`);
}

/** What the command says when it ends; undefined once the container answers what it was told. */
function whetherRefused(child: ChildProcessWithoutNullStreams): Promise<string | undefined> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.on('error', () => undefined);
  child.stdin.write('held\n');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(said));
    child.stdout.once('data', () => resolve(undefined));
  });
}

async function release(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.stdin.end();
  await closed;
}

interface LockContainer {
  readonly Created: string;
  readonly State: { readonly Status: string };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
}

/** Milliseconds for which a lock that does not run yet may be somebody's who is just taking it. */
const BEING_TAKEN = 20_000;

/** Removes a lock that nobody can hold any more. */
async function refuseIfHeld(docker: Docker, name: string): Promise<void> {
  const [lock] = await docker.inspect<LockContainer>('container', [lockName(name)]);
  if (!lock) return;
  const isNew = lock.State.Status === 'created' && Date.now() - Date.parse(lock.Created) < BEING_TAKEN;
  if (lock.State.Status === 'running' || isNew)
    throw userError(
      `${name} is being deployed by ${lock.Config.Labels?.[HOLDER] ?? 'somebody'} since ${lock.Created.replace(/\.\d+Z$/, 'Z')}; wait until that has ended (if it never will: docker rm --force ${lockName(name)})`,
    );
  await docker.attempt(['rm', '--force', lockName(name)]);
}
