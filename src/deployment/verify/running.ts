import type { AppStatus, DeploymentStatus, Difference } from '../deployer.js';
import type { Release } from '../ledger.js';
import type { AppPlan, Plan } from '../plan.js';
import { checked, type Checked } from './check.js';

/** Whether what runs is what the ledger says. */
export function runningChecks(
  { number, plan }: Release,
  status: DeploymentStatus,
  drift: readonly Difference[],
): Checked[] {
  const names = [...plan.apps.map(({ id }) => id), ...(plan.edge ? ['nginx'] : [])];
  return [
    checked(
      'release',
      plan.name,
      status.release === number,
      status.release === undefined
        ? 'no release is recorded'
        : `release ${status.release} of ${status.at ?? 'unknown'}`,
    ),
    ...names.flatMap((name) => appChecks(name, plan, status)),
    checked(
      'drift',
      plan.name,
      drift.length === 0,
      drift.length === 0 ? 'as release ' + number + ' left it' : told(drift),
    ),
  ];
}

function appChecks(name: string, plan: Plan, { apps }: DeploymentStatus): Checked[] {
  const app = apps.find((one) => one.app === name);
  if (!app) return [checked('processes', name, false, 'nothing of it runs')];
  return [processes(name, plan, app), version(name, plan, app), restarts(app)];
}

function processes(name: string, plan: Plan, status: AppStatus): Checked {
  const { wanted, healthy, containers } = status;
  const app = plan.apps.find(({ id }) => id === name);
  if (app?.scaling) return scaled(app, app.scaling, status);
  const planned = app?.processes ?? wanted;
  const ill = containers.filter(({ state }) => state !== 'healthy').map((one) => `${one.name} is ${one.state}`);
  const evidence = [`${healthy} of ${planned} healthy`, ...ill].join(', ');
  return checked('processes', name, healthy === planned && wanted === planned && ill.length === 0, evidence);
}

/** As many as the autoscaler wants, which may start and stop some at any time. */
function scaled(
  { id }: AppPlan,
  { min, max }: NonNullable<AppPlan['scaling']>,
  { wanted, healthy, containers }: AppStatus,
): Checked {
  const ill = containers.filter(({ state }) => state === 'unhealthy').map((one) => `${one.name} is unhealthy`);
  const evidence = [`${healthy} healthy, ${wanted} wanted of ${min} to ${max}`, ...ill].join(', ');
  return checked('processes', id, healthy >= min && wanted >= min && wanted <= max && ill.length === 0, evidence);
}

function version(name: string, { apps, edge }: Plan, app: AppStatus): Checked {
  const planned = apps.find(({ id }) => id === name)?.image ?? edge?.image ?? '';
  const others = [...new Set([app.image, ...app.containers.map(({ image }) => image)])].filter(
    (image) => !isSameImage(planned, image),
  );
  const evidence = others.length === 0 ? planned : `${others.join(', ')} instead of ${planned}`;
  return checked('image', name, others.length === 0, evidence);
}

/** Engines add the digest to a reference that has none, and Kubernetes the registry that goes without saying. */
export function isSameImage(planned: string, running: string): boolean {
  const short = (image: string) => image.replace(/^docker\.io\/(library\/)?/, '');
  const [one, other] = [short(planned), short(running)];
  return one === other || other.startsWith(`${one}@`) || one.startsWith(`${other}@`);
}

function restarts({ app, containers }: AppStatus): Checked {
  const restarted = containers.filter((one) => one.restarts > 0);
  const evidence = restarted.map((one) => `${one.name} ${one.restarts}, since ${one.since}`);
  return checked('restarts', app, restarted.length === 0, evidence.length === 0 ? '0' : evidence.join(', '));
}

/** So many differences are told; the rest is counted. */
const TOLD = 3;

function told(drift: readonly Difference[]): string {
  const lines = drift.slice(0, TOLD).map(({ of, field }) => (field === undefined ? of : `${of} ${field}`));
  const more = drift.length > TOLD ? ` and ${drift.length - TOLD} more` : '';
  return `${lines.join(', ')}${more} changed; synth diff shows how`;
}
