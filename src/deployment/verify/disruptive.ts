import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployer, Rollout } from '../deployer.js';
import type { Release } from '../ledger.js';
import { fewest, type AppPlan } from '../plan.js';
import { SILENT, type Report } from '../report.js';
import { until } from '../wait.js';
import { checked, skipped, type Checked } from './check.js';
import { SENDERS, underTraffic } from './traffic.js';
import type { Ask } from './verify.js';

/** Seconds beyond its start in which an app has to be whole again. */
const RETURN = 60;

/** Milliseconds after which an engine has surely noticed that a process is gone. */
const NOTICED = 3000;

/** What hurts: a process of each app is killed, then the same version is deployed again, while requests come. */
export async function verifyDisruptively(
  deployer: Deployer,
  release: Release,
  { report, by, from }: { readonly report: Report; readonly by: string; readonly from?: Ask | undefined },
): Promise<Checked[]> {
  const probe = deployer.probe(release);
  const ask: Ask = from ?? ((request) => probe.ask(request));
  const results: Checked[] = [];
  for (const app of release.plan.apps) {
    report.step(`${app.id}: killing a process`);
    results.push(await survivesKill(deployer, release, app, ask));
  }
  report.step(`${release.plan.name}: deploying release ${release.number} again`);
  results.push(await changesNothing(deployer, release, by, ask));
  return results;
}

/** Lost may be what was under way in the process itself, and only where there was no other. */
async function survivesKill(deployer: Deployer, release: Release, app: AppPlan, ask: Ask): Promise<Checked> {
  const check = 'returns after a kill';
  let victim = '';
  let seconds = 0;
  const traffic = await underTraffic(ask, [app], async () => {
    const killed = await deployer.probe(release).kill(app.id);
    if (!killed) return;
    victim = `pid ${killed.pid} of ${killed.container}`;
    const since = performance.now();
    await sleep(NOTICED);
    await untilWhole(deployer, release, app);
    seconds = (performance.now() - since) / 1000;
  }).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (traffic instanceof Error)
    return checked(check, app.id, false, `${victim || 'nothing'} killed; ${traffic.message}`);
  if (victim === '') return skipped(check, app.id, 'no process of it can be reached through this engine');
  const { sent, lost } = traffic;
  const evidence = `${victim} killed, whole after ${seconds.toFixed(1)} s; ${lost} of ${sent} requests lost`;
  // A single process leaves nobody to answer until it is back.
  return checked(check, app.id, fewest(app) === 1 || lost <= SENDERS, evidence);
}

async function untilWhole(deployer: Deployer, { plan: { name } }: Release, { id, startup }: AppPlan): Promise<void> {
  const seconds = startup + RETURN;
  const late = new Error(`not whole again after ${seconds} s`);
  const signal = AbortSignal.timeout(seconds * 1000);
  const look = async () => {
    const { apps } = await deployer.status(await deployer.ledger(name));
    const app = apps.find((one) => one.app === id);
    return app && app.healthy === app.wanted ? app : undefined;
  };
  await until(look, { signal, everyMilliseconds: 1000 }).catch((error: unknown) => {
    throw signal.aborted ? late : error;
  });
}

async function changesNothing(deployer: Deployer, release: Release, by: string, ask: Ask): Promise<Checked> {
  const check = 'same release again';
  const { name } = release.plan;
  const lock = await deployer.lock(release.plan, by);
  try {
    const before = await containers(deployer, name);
    const { sent, lost } = await underTraffic(ask, release.plan.apps, () => deployer.roll(again(release), SILENT));
    const others = (await containers(deployer, name)).filter((one) => !before.includes(one));
    const evidence = `${others.length} containers replaced, ${lost} of ${sent} requests lost`;
    return checked(check, name, others.length === 0 && lost === 0, evidence);
  } catch (error) {
    return checked(check, name, false, error instanceof Error ? error.message : String(error));
  } finally {
    await lock.release();
  }
}

async function containers(deployer: Deployer, name: string): Promise<string[]> {
  const { apps } = await deployer.status(await deployer.ledger(name));
  return apps.flatMap((app) => app.containers.map((one) => `${one.name} ${one.since}`));
}

function again(release: Release): Rollout {
  const { plan, files, number, secrets, directory = '' } = release;
  const signal = new AbortController().signal;
  return { plan, files, directory, number, secrets, rotated: [], previous: release, signal };
}
