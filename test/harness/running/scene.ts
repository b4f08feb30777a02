import { addClientMachine, removeClientMachine, type Machine } from '../engines.js';
import { waitFor } from '../wait.js';
import { continuousLoad, type Losses } from './load.js';
import type { Output } from './output.js';
import type { Platform, RunningContainer, Secrets } from './platform.js';
import { canary, freePort, Project, type SynthOptions } from './project.js';
import { RunningStack, type Answering } from './running-stack.js';

export const HOST = 'api.example.com';
/** Of the app `api`, until it is scaled. */
export const PROCESSES = 3;

/** What the facts are asked of. */
export interface Scene {
  readonly platform: Platform;
  readonly project: Project;
  readonly running: RunningStack;
  readonly secrets: Secrets;
  readonly visitor: Machine;
  readonly balancer: Machine;
  readonly port: number;
  /** How many processes of the app run now. */
  processes: number;
  synth(options?: SynthOptions): Promise<Output>;
}

/** Starts the conformance stack on a platform. */
export async function openScene(platform: Platform): Promise<Scene> {
  const scene = await setTheScene(platform);
  const { running, secrets } = scene;
  try {
    await removeRemains(scene);
    await withState(platform, running.output, async () => {
      await platform.build(running.output, secrets);
      await platform.start(running.output, secrets);
      await running.find();
    });
    return scene;
  } catch (error) {
    await closeScene(scene);
    throw error;
  }
}

export async function closeScene(scene: Scene): Promise<void> {
  await removeRemains(scene);
  scene.project[Symbol.dispose]();
  await removeClientMachine(scene.visitor.name);
  await removeClientMachine(scene.balancer.name);
}

async function setTheScene(platform: Platform): Promise<Scene> {
  const id = platform.target.replace('-', '');
  const [visitor, balancer, port] = [
    await addClientMachine(`${id}-visitor`),
    await addClientMachine(`${id}-balancer`),
    await freePort(),
  ];
  const project = new Project('test/fixtures/stacks/conformance.ts', platform.engine);
  const env = {
    CONFORMANCE_REGISTRY: platform.engine.registry,
    CONFORMANCE_PORT: String(port),
    CONFORMANCE_BALANCER: balancer.address,
  };
  const synth = (options: SynthOptions = {}) =>
    project.synth(platform.target, { ...options, env: { ...env, ...options.env } });
  const secrets = { DB_PASSWORD: canary(), API_KEY: canary(), CONFORMANCE_BUILD_TOKEN: canary() };
  const running = new RunningStack(platform, await synth(), `${HOST}:${port}`);
  return { platform, project, running, secrets, visitor, balancer, port, processes: PROCESSES, synth };
}

/** After a failure, or before the next try on engines that were not stopped since: nothing may meet what was left. */
async function removeRemains({ platform, project }: Scene): Promise<void> {
  for (const output of project.outputs) {
    if ((await platform.remains(output)).length === 0) continue;
    await platform.remove(output).catch((error: unknown) => console.error(error));
    await waitFor(
      `what was left of ${output.name} to be gone`,
      async () => (await platform.remains(output)).length === 0,
      { seconds: 150 },
    );
  }
}

/** Adds the state of the deployment to whatever goes wrong. */
export async function withState<T>(platform: Platform, output: Output, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const state = await platform.state(output).catch((why: unknown) => `its state could not be read: ${String(why)}`);
    if (error instanceof Error) error.message += `\n--- state of ${output.name} on ${platform.target}\n${state}`;
    throw error;
  }
}

/** Every container with what changes when it is restarted. */
export async function identities(running: RunningStack, app?: string): Promise<string[]> {
  return (await running.containers(app))
    .map((container) => `${container.app} ${container.id} ${container.started}`)
    .toSorted();
}

/** The container in which a process that answered runs. */
export async function holding(
  { host }: Answering,
  containers: readonly RunningContainer[],
): Promise<RunningContainer | undefined> {
  for (const container of containers) {
    if ((await container.exec(['cat', '/etc/hostname'])).stdout.trim() === host) return container;
  }
  return undefined;
}

/** An output with a new image, as after a commit. */
export async function nextVersion({ project, synth, platform, secrets }: Scene, version: string): Promise<Output> {
  project.edit('images/fastapi/main.py', (text) =>
    text.replace(/get\("VERSION", "\d+"\)/, `get("VERSION", "${version}")`),
  );
  const output = await synth();
  await platform.build(output, secrets);
  return output;
}

/** The same with an application that cannot be imported. */
export async function brokenVersion({ project, synth, platform, secrets, processes }: Scene): Promise<Output> {
  const line = 'raise RuntimeError("this version cannot be imported")\n';
  project.edit('images/fastapi/main.py', (text) => `${text}\n${line}`);
  try {
    const output = await synth({ out: 'out-broken', env: { CONFORMANCE_PROCESSES: String(processes) } });
    await platform.build(output, secrets);
    return output;
  } finally {
    project.edit('images/fastapi/main.py', (text) => text.replace(`\n${line}`, ''));
  }
}

/** At least 5,000 requests while something happens, half of them on new connections, half of them GET. */
export async function underLoad(running: RunningStack, action: () => Promise<void>): Promise<Losses> {
  const load = continuousLoad(running, { perSecond: 130, atLeast: 5000 });
  try {
    await action();
  } catch (error) {
    load.abandon();
    throw error;
  }
  return load.stop();
}
