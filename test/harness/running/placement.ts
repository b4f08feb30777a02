import { expect } from 'vitest';
import type { KubernetesEngine, SwarmEngine } from '../engines.js';
import { run } from '../process.js';
import { inTurn } from '../turn.js';
import { docker, dockerLines, type Docker } from './docker.js';
import { pods } from './kubectl.js';

/** A label for one machine, and a PriorityClass where there are any. */
export interface Wish {
  readonly key: string;
  readonly value: string;
  readonly priorityClass: string;
}

/** A machine that has the label, and the class, until they are disposed of. */
export interface Placement extends AsyncDisposable {
  /** Whether everything that runs of an app does so on that machine, and as what it is to be ranked. Throws where not. */
  check(name: string, app: string): Promise<void>;
}

/** What the class is worth: less than whatever asks for none. */
const PRIORITY = -10;

/** Labels nodes of a Swarm, which refuses all but one of several updates of a node at a time: "update out of sequence". */
export function labelling<T>(work: () => Promise<T>): Promise<T> {
  return inTurn('the labels of nodes', work);
}

export async function swarmPlacement(swarm: Docker, { managers }: SwarmEngine, wish: Wish): Promise<Placement> {
  const node = managers.at(-1)?.name ?? '';
  const update = (...words: readonly string[]) => labelling(() => docker(swarm, 'node', 'update', ...words, node));
  await update('--label-add', `${wish.key}=${wish.value}`);
  return {
    async check(name, app) {
      const tasks = ['service', 'ps', '--filter', 'desired-state=running', '--format', '{{.Node}}', `${name}_${app}`];
      expectAll(await dockerLines(swarm, ...tasks), node);
    },
    [Symbol.asyncDispose]: async () => void (await update('--label-rm', wish.key)),
  };
}

export async function kubernetesPlacement({ env, nodes }: KubernetesEngine, wish: Wish): Promise<Placement> {
  const node = nodes.at(-1)?.name ?? '';
  const { key, value, priorityClass } = wish;
  const kubectl = (...words: readonly string[]) => run('kubectl', words, { env });
  await kubectl('label', 'node', node, `${key}=${value}`);
  await kubectl('create', 'priorityclass', priorityClass, `--value=${PRIORITY}`);
  return {
    async check(name, app) {
      const all = (await pods({ env, name })).filter(
        ({ metadata }) => metadata.labels['app.kubernetes.io/name'] === app,
      );
      expectAll(
        all.map(({ spec }) => spec.nodeName ?? ''),
        node,
      );
      expect(new Set(all.map(({ spec }) => `${spec.priorityClassName} ${spec.priority}`))).toEqual(
        new Set([`${priorityClass} ${PRIORITY}`]),
      );
    },
    async [Symbol.asyncDispose]() {
      await kubectl('delete', 'priorityclass', priorityClass, '--ignore-not-found');
      await kubectl('label', 'node', node, `${key}-`);
    },
  };
}

function expectAll(found: readonly string[], node: string): void {
  expect(found.length, 'how many run').toBeGreaterThan(1);
  expect(new Set(found), 'machines that they run on').toEqual(new Set([node]));
}
