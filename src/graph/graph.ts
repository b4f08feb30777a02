import type { IConstruct } from 'constructs';
import { AsgiApp } from '../model/app.js';
import { ConfigFile } from '../model/config-file.js';
import { DataStore } from '../model/data-store.js';
import { Database } from '../model/database.js';
import { Job } from '../model/job.js';
import { processCount } from '../model/scaling.js';
import { Schedule } from '../model/schedule.js';
import { Secret } from '../model/secret.js';
import type { Stack } from '../model/stack.js';
import { Task } from '../model/task.js';
import { deployedName, filesOf, mountsOf, staticId, storesOf, withStatic } from '../model/tree.js';
import { Volume } from '../model/volume.js';
import { Worker } from '../model/worker.js';
import { size } from '../targets/kubernetes/quantity.js';
import { staticPath } from '../targets/statics.js';
import type { Target } from '../targets/target.js';

/** What a node of a picture is. */
export type NodeKind = 'client' | 'edge' | 'app' | 'task' | 'database' | 'secret' | 'volume' | 'file';

/** One thing in a picture of a stack. */
export interface GraphNode {
  /** Its kind, an underscore, and letters, digits and underscores. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  /** What it is, and how much of it, a line each. */
  readonly lines: readonly string[];
}

/** A way from one thing to another: requests, connections, or what it reads. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

/** A picture of a stack, not yet drawn. */
export interface Graph {
  readonly title: string;
  readonly description: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** What holds all nodes but the clients and what is somebody else's. @default - nothing */
  readonly network?: { readonly label: string; readonly nodes: readonly string[] };
}

type Drawn = Pick<Target, 'name' | 'explanation' | 'footprint'>;

/** A stack by itself, or what it becomes on a target. */
export function graphOf(stack: Stack, target?: Drawn, stage?: string): Graph {
  const name = deployedName(stack, stage);
  const constructs = stack.node.findAll().filter((construct) => kindOf(construct) !== undefined);
  const nodes = [
    ...outside(stack, target),
    ...constructs.map((construct) => nodeOf(construct, { stack, target, name })),
    ...(target === undefined ? [] : withStatic(stack).map((app) => staticNode(app, target, stack))),
  ];
  const inside = nodes.filter(({ id, kind }) => kind !== 'client' && id !== FOREIGN_EDGE && !isForeign(id, stack));
  const title = target === undefined ? `The stack ${name}` : `${name} on ${target.name}`;
  return {
    title,
    description: target === undefined ? 'What it consists of, and what uses what' : whatRuns(target),
    nodes,
    edges: [...requests(stack, target), ...constructs.flatMap((construct) => uses(construct))],
    ...(target === undefined
      ? {}
      : { network: { label: target.explanation.networkOf(stack, name), nodes: inside.map(({ id }) => id) } }),
  };
}

function whatRuns({ explanation: { what, multiplies, balances } }: Drawn): string {
  return `${what}; processes are multiplied by ${multiplies}; balanced by ${balances}`;
}

function kindOf(construct: IConstruct): NodeKind | undefined {
  if (construct instanceof AsgiApp) return 'app';
  if (construct instanceof Task) return 'task';
  if (construct instanceof DataStore) return 'database';
  if (construct instanceof Secret) return 'secret';
  if (construct instanceof Volume) return 'volume';
  return construct instanceof ConfigFile ? 'file' : undefined;
}

/** Two paths must not meet: a hyphen becomes a double underscore, and no id of ours has one of its own beside another. */
function idOf(construct: IConstruct): string {
  return `${kindOf(construct) ?? 'node'}_${safe(construct.node.path.split('/').slice(1).join('/'))}`;
}

function safe(path: string): string {
  return path.replace(/[^A-Za-z0-9]/g, (character) => `_${character.codePointAt(0)!.toString(16)}_`);
}

/** The nginx with the static files of an app, whose name no construct can have. */
const staticNodeId = (app: AsgiApp) => `app_${safe(staticId(app))}`;

const EDGE = 'edge_own';
const FOREIGN_EDGE = 'edge_foreign';
const CLIENTS = 'client_all';

/** Clients, and what takes their requests. */
function outside(stack: Stack, target: Drawn | undefined): GraphNode[] {
  const clients: GraphNode = { id: CLIENTS, kind: 'client', label: 'clients', lines: [] };
  if (target === undefined) return [clients];
  const edge = target.explanation.edgeOf(stack);
  const lines = edge.ports.map(({ port, what }) => `${port} ${what}`);
  if (edge.name === undefined) return [{ ...clients, lines }];
  const own = edge.name === 'nginx';
  return [clients, { id: own ? EDGE : FOREIGN_EDGE, kind: 'edge', label: edge.name, lines: [edge.what, ...lines] }];
}

function isForeign(id: string, stack: Stack): boolean {
  return stack.node.findAll().some((one) => one instanceof DataStore && !(one instanceof Database) && idOf(one) === id);
}

function requests(stack: Stack, target: Drawn | undefined): GraphEdge[] {
  const edge = target?.explanation.edgeOf(stack);
  const hasEdge = edge?.name !== undefined;
  const from = hasEdge ? (edge.name === 'nginx' ? EDGE : FOREIGN_EDGE) : CLIENTS;
  const files = target === undefined ? [] : withStatic(stack);
  return [
    ...(hasEdge ? [{ from: CLIENTS, to: from }] : []),
    ...stack.apps.map((app) => ({
      from,
      to: idOf(app),
      label: `${hostsOf(app)}${app.pathPrefix === '/' ? '' : ` ${app.pathPrefix}`}`,
    })),
    ...files.map((app) => ({
      from,
      to: staticNodeId(app),
      label: `${hostsOf(app)} ${app.static.map(({ path }) => staticPath(app, path)).join(', ')}`,
    })),
  ];
}

function hostsOf({ hosts }: AsgiApp): string {
  return hosts.length === 0 ? 'any host' : hosts.join(', ');
}

function staticNode(app: AsgiApp, target: Drawn, stack: Stack): GraphNode {
  const id = staticId(app);
  return {
    id: staticNodeId(app),
    kind: 'app',
    label: id,
    lines: [`nginx with the static files of ${app.node.id}`, ...takes(id, target, stack)],
  };
}

/** Containers, and the memory of each. */
function takes(id: string, target: Drawn | undefined, stack: Stack): string[] {
  const footprint = target?.footprint(stack).find((one) => one.id === id);
  return footprint === undefined || footprint.containers === 0
    ? []
    : [`${footprint.containers} × ${size(footprint.memoryEach)}`];
}

function nodeOf(
  construct: IConstruct,
  { stack, target, name }: { stack: Stack; target: Drawn | undefined; name: string },
): GraphNode {
  const { id } = construct.node;
  const foreign = construct instanceof DataStore && !(construct instanceof Database);
  const becomes = target === undefined || foreign ? [] : [target.explanation.becomes(construct, name)];
  return {
    id: idOf(construct),
    kind: kindOf(construct)!,
    label: id,
    lines: [...(target === undefined ? describe(construct) : becomes), ...takes(id, target, stack)],
  };
}

/** What a construct is wherever it is deployed. */
function describe(construct: IConstruct): string[] {
  if (construct instanceof AsgiApp) return ['app', `${processCount(construct)} processes`];
  if (construct instanceof Worker) return ['worker', `${construct.processes} processes`];
  if (construct instanceof Job) return ['job, once a release'];
  if (construct instanceof Schedule) return ['schedule', `${construct.cron} ${construct.timeZone}`];
  if (construct instanceof DataStore)
    return [construct.plainUrl.scheme, ...(construct.host === undefined ? [] : [construct.host])];
  if (construct instanceof Secret) return ['secret'];
  return [construct instanceof Volume ? `volume, ${construct.size}` : 'text file'];
}

/** Ways from a construct to what it uses. What runs beside an app has what the app has. */
function uses(construct: IConstruct): GraphEdge[] {
  const from = idOf(construct);
  const to = (other: IConstruct, label?: string): GraphEdge => ({
    from,
    to: idOf(other),
    ...(label === undefined ? {} : { label }),
  });
  if (construct instanceof AsgiApp) {
    const passwords = storesOf(construct).map(({ password }) => password);
    return [
      ...storesOf(construct).map((store) => to(store)),
      ...construct.secrets.filter((secret) => !passwords.includes(secret)).map((secret) => to(secret)),
      ...mountsOf(construct).map(({ path, volume }) => to(volume, path)),
      ...filesOf(construct).map(({ path, file }) => to(file, path)),
    ];
  }
  if (construct instanceof Job)
    return construct.runBefore.map((app) => ({ from: idOf(app), to: from, label: 'waits for' }));
  if (construct instanceof Task) return [{ from: idOf(construct.app), to: from, label: 'same image' }];
  if (construct instanceof Database) return [to(construct.password), to(construct.volume)];
  return construct instanceof DataStore ? [to(construct.password)] : [];
}
