import type { AsgiApp } from '../model/app.js';
import type { Secret } from '../model/secret.js';
import type { Stack } from '../model/stack.js';
import type { Task } from '../model/task.js';
import { jobsOf, schedulesOf, volumesOf, workersOf } from '../model/tree.js';
import { bareMetalTimeouts } from '../targets/bare-metal/gunicorn.js';
import { appImage, contextOf, isBuilt, type Context, type Flavour } from '../targets/context.js';
import { DATABASE_STARTUP, databaseContainer } from '../targets/databases.js';
import { existingNetwork } from '../targets/edge.js';
import type { TargetName } from '../targets/index.js';
import { clusterTimeouts, hasRoutes } from '../targets/kubernetes/cluster.js';
import { swarmTimeouts } from '../targets/swarm/timeouts.js';
import type { SynthesizeOptions } from '../targets/target.js';
import { certificatePlan, edgePlan, type CertificatePlan, type EdgePlan } from './edge-plan.js';
import { neededSecrets } from './needed-secrets.js';
import { staticPlans, type StaticPlan } from './static-plan.js';

/**
 * What a deployment must know of a stack beside its output files. Plain data: the ledger keeps it with each release, so that a
 * release can be brought back without the stack file that made it.
 */
export interface Plan {
  /** Name as deployed, with the stage. */
  readonly name: string;
  readonly stack: string;
  readonly stage?: string;
  readonly target: TargetName;
  /** Kubernetes: the namespace. */
  readonly namespace?: string;
  /** Kubernetes: what the output expects of the cluster. */
  readonly cluster?: ClusterPlan;
  /** Whether an nginx of ours takes the requests, and its image. */
  readonly edge?: EdgePlan;
  /** The certificate that the operator gives. @default - none: HTTP alone, or a certificate that is made elsewhere */
  readonly certificate?: CertificatePlan;
  /** Name of the network of an edge that must be there already. */
  readonly network?: string;
  readonly apps: readonly AppPlan[];
  /** What answers with the static files of apps. @default - nothing, as in releases of before there was any */
  readonly statics?: readonly StaticPlan[];
  /** What runs beside the apps. @default - nothing, as in releases of before there was any */
  readonly workers?: readonly WorkerPlan[];
  /** Ids of what runs by the clock. @default - none, as in releases of before there was any */
  readonly schedules?: readonly string[];
  /** What runs once before a new release, in this order. @default - nothing, as in releases of before there was any */
  readonly jobs?: readonly JobPlan[];
  /** Databases that are deployed with the apps. @default - none: releases of earlier versions have no such key */
  readonly databases?: readonly DatabasePlan[];
  readonly secrets: readonly SecretPlan[];
  /** Ids of the volumes. */
  readonly volumes: readonly string[];
}

/** What an output for a cluster makes or finds there, beside what all targets have. */
export interface ClusterPlan {
  /** Whether the namespace is part of the output. */
  readonly createsNamespace: boolean;
  /** Names of the Secrets with credentials for registries. */
  readonly imagePullSecrets: readonly string[];
  /** Name of the IngressClass that it asks for. */
  readonly ingressClass?: string;
  /** The Gateway that its HTTPRoutes are for. */
  readonly gateway?: { readonly name: string; readonly namespace?: string };
}

/** A worker, or the scheduler of a schedule: it has the image and the secrets of its app. */
export interface WorkerPlan {
  readonly id: string;
  /** Id of its app. */
  readonly app: string;
  /** Containers of it. */
  readonly processes: number;
  /** Seconds that it may take to show that it is well. */
  readonly startup: number;
  /** Seconds from the stop signal until the engine kills it. @default - not recorded: a release of an older version */
  readonly stopGrace?: number;
}

/** A job: it has the image and the secrets of its app. */
export interface JobPlan {
  readonly id: string;
  /** Id of its app. */
  readonly app: string;
  /** Seconds that its command may take. */
  readonly timeout: number;
  /** Seconds from the stop signal until the engine kills it. */
  readonly stopGrace: number;
}

export interface AppPlan {
  readonly id: string;
  readonly image: string;
  /** Whether `synth build` makes the image. */
  readonly built: boolean;
  /** How many there are; where they follow the load, the most there may be. */
  readonly processes: number;
  /** Kubernetes: between which numbers they follow the load. @default - they do not */
  readonly scaling?: { readonly min: number; readonly max: number };
  readonly port: number;
  /** Seconds that it may take to start. */
  readonly startup: number;
  /** Seconds from the stop signal until the engine kills it. */
  readonly stopGrace: number;
  /** A Host that it answers. */
  readonly host: string;
  /** Every Host that it answers, none for any. @default - `host` alone */
  readonly hosts?: readonly string[];
  /** Bytes of the largest body. @default - not known */
  readonly bodyLimit?: number;
  /** Path at the edge that shows whether it is ready, prefix included. */
  readonly path: string;
  /** Whether `path` is its readiness (200 to 399 is right), or just `/` (any status below 500). */
  readonly hasReadiness: boolean;
  /** Ids of its secrets. */
  readonly secrets: readonly string[];
  /** Ids of its volumes. */
  readonly volumes: readonly string[];
}

export interface DatabasePlan {
  readonly id: string;
  readonly image: string;
  /** Seconds that it may take to start. */
  readonly startup: number;
}

export interface SecretPlan {
  readonly id: string;
  /** Variable of the deploying process that holds the value. */
  readonly variable: string;
  /** File that holds it instead, relative to the project root. */
  readonly file?: string;
  /** Name of one that is there already. */
  readonly external?: string;
}

/** The plan of a stack for one target. `options` must carry the sources where images are built. */
export function planOf(stack: Stack, target: TargetName, options: SynthesizeOptions): Plan {
  const flavour: Flavour = target === 'bare-metal' ? 'gunicorn' : 'uvicorn';
  const context = contextOf(stack, target, flavour, options);
  const network = existingNetwork(stack);
  const certificate = certificatePlan(stack, target, context);
  return {
    name: context.name,
    stack: stack.name,
    ...(options.stage === undefined ? {} : { stage: options.stage }),
    target,
    ...(target === 'kubernetes'
      ? { namespace: stack.namespace.name ?? context.name, cluster: clusterPlan(stack) }
      : {}),
    ...edgePlan(stack, target, context),
    ...(certificate === undefined ? {} : { certificate }),
    ...(network === undefined ? {} : { network }),
    apps: stack.apps.map((app) => ({
      id: app.node.id,
      image: appImage(app, context),
      built: isBuilt(app, context),
      processes: app.processes,
      ...(target === 'kubernetes' ? scalingPlan(app) : {}),
      port: app.port,
      startup: app.health.startup,
      stopGrace: stopGrace(app, stack, target),
      host: app.hosts[0] ?? 'localhost',
      hosts: app.hosts,
      bodyLimit: app.bodyLimit,
      path: `${app.pathPrefix === '/' ? '' : app.pathPrefix}${app.health.readiness ?? '/'}`,
      hasReadiness: app.health.readiness !== undefined,
      secrets: app.secrets.map(({ node }) => node.id),
      volumes: [...new Set(Object.values(app.volumes).map(({ node }) => node.id))],
    })),
    ...staticPlans(stack, target, context),
    ...workerPlans(stack, target),
    ...schedulePlans(stack),
    ...jobPlans(stack),
    ...databasePlans(stack, context),
    secrets: neededSecrets(stack, target).map(secretPlan),
    volumes: volumesOf(stack).map(({ node }) => node.id),
  };
}

function scalingPlan({ scaling }: AsgiApp): Pick<AppPlan, 'scaling'> {
  return scaling === undefined ? {} : { scaling: { min: scaling.min, max: scaling.max } };
}

/** Whether requests are answered: an app is healthy, and so is the nginx in front of it. @param healthy ids of what is */
export function isAnswering({ apps, edge }: Pick<Plan, 'apps' | 'edge'>, healthy: readonly string[]): boolean {
  return apps.some(({ id }) => healthy.includes(id)) && (edge === undefined || healthy.includes('nginx'));
}

/** The fewest processes with which an app is whole. */
export function fewest({ processes, scaling }: Pick<AppPlan, 'processes' | 'scaling'>): number {
  return scaling?.min ?? processes;
}

function workerPlans(stack: Stack, target: TargetName): Pick<Plan, 'workers'> {
  // A cluster starts the commands of schedules itself; elsewhere a scheduler runs as a worker does.
  const schedules = target === 'kubernetes' ? [] : schedulesOf(stack);
  const workers = [
    ...workersOf(stack).map((worker) => workerPlan(worker, worker.processes, worker.health?.startup)),
    ...schedules.map((schedule) => workerPlan(schedule, 1)),
  ];
  return workers.length === 0 ? {} : { workers };
}

function workerPlan({ node, app, gracePeriod }: Task, processes: number, startup = WORKER_STARTUP): WorkerPlan {
  return { id: node.id, app: app.node.id, processes, startup, stopGrace: gracePeriod };
}

function schedulePlans(stack: Stack): Pick<Plan, 'schedules'> {
  const schedules = schedulesOf(stack).map(({ node }) => node.id);
  return schedules.length === 0 ? {} : { schedules };
}

function jobPlans(stack: Stack): Pick<Plan, 'jobs'> {
  const jobs = jobsOf(stack).map((job) => ({
    id: job.node.id,
    app: job.app.node.id,
    timeout: job.timeout,
    stopGrace: job.gracePeriod,
  }));
  return jobs.length === 0 ? {} : { jobs };
}

function databasePlans(stack: Stack, context: Context): Pick<Plan, 'databases'> {
  const databases = stack.databases.map((database) => ({
    id: database.node.id,
    image: databaseContainer(database, context).image,
    startup: DATABASE_STARTUP,
  }));
  return databases.length === 0 ? {} : { databases };
}

/** Seconds for a container to start whose worker has no check. */
const WORKER_STARTUP = 30;

function clusterPlan(stack: Stack): ClusterPlan {
  const { namespace, imagePullSecrets, ingress, gateway } = stack;
  const routes = hasRoutes(stack);
  return {
    createsNamespace: namespace.create !== false,
    imagePullSecrets,
    ...(routes && gateway === undefined && ingress?.className !== undefined ? { ingressClass: ingress.className } : {}),
    ...(routes && gateway !== undefined
      ? {
          gateway: {
            name: gateway.name,
            ...(gateway.namespace === undefined ? {} : { namespace: gateway.namespace }),
          },
        }
      : {}),
  };
}

type Startable = Pick<Plan, 'apps' | 'statics' | 'workers' | 'databases'>;

/** Seconds that an app, a worker or a database may take to start; undefined for what is none of them. */
export function startupOf(
  { apps, statics = [], workers = [], databases = [] }: Startable,
  id: string,
): number | undefined {
  return [...apps, ...statics, ...workers, ...databases].find((one) => one.id === id)?.startup;
}

/** Ids of everything of a release that writes logs: what was written into the stack, and the nginx in front of it. */
export function loggedIds({ apps, statics = [], workers = [], schedules = [], databases = [], edge }: Plan): string[] {
  const written = [...apps, ...statics, ...workers, ...databases].map(({ id }) => id);
  return [...new Set([...written, ...schedules, ...(edge ? ['nginx'] : [])])];
}

/** Whether a status says that an app serves: on its readiness path 200 to 399, on `/` whatever is no failure of the server. */
export function isRight(status: number, { hasReadiness }: Pick<AppPlan, 'hasReadiness'>): boolean {
  return status >= 200 && status < (hasReadiness ? 400 : 500);
}

function secretPlan({ node, variable, file, external }: Secret): SecretPlan {
  return {
    id: node.id,
    variable,
    ...(file === undefined ? {} : { file }),
    ...(external === undefined ? {} : { external }),
  };
}

function stopGrace(app: AsgiApp, stack: Stack, target: TargetName): number {
  const timeouts = {
    'bare-metal': () => bareMetalTimeouts(app),
    swarm: () => swarmTimeouts(app),
    kubernetes: () => clusterTimeouts(app, stack),
  };
  return timeouts[target]().stopGrace;
}
