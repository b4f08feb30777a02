import { expect } from 'vitest';
import { startBalancer } from '../../harness/balancer.js';
import { inTurn } from '../../harness/turn.js';
import { waitFor } from '../../harness/wait.js';
import type { Cell, Tried } from '../cell.js';
import { CONCURRENCY, requestsDuring, underFire } from '../fire.js';
import type { Stage } from '../stage.js';

/** Seconds after which everything has to be answered again. */
const RECOVERY = 30;

/** What may be under way at once, on both kinds of connection. */
const UNDER_WAY = 2 * CONCURRENCY;

const HUNGRY = `import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/memory?mb=700')`;

/** Faults that cost what was under way where they struck, and no more. */
export const CRASHES: readonly Cell[] = [
  {
    fault: 'a worker killed with -9',
    // What was under way in that one process; nginx sends what was not begun to another.
    lossBound: () => UNDER_WAY,
    recoveryBound: RECOVERY,
    async run(stage) {
      const [container] = await stage.containers();
      const { pid } = JSON.parse((await stage.ask('/')).body) as { pid: number };
      return healing(stage, async () => {
        const holder = await holding(stage, pid);
        await (holder ?? container)?.kill(pid);
      });
    },
  },
  {
    fault: 'a container killed with -9',
    lossBound: ({ ground }) =>
      ground.target === 'bare-metal' ? requestsDuring(RECOVERY) : UNDER_WAY + requestsDuring(2),
    recoveryBound: RECOVERY,
    async run(stage) {
      const [container] = await stage.containers();
      if (!container) throw new Error('no container runs');
      return healing(stage, () => stage.ground.killContainer(container));
    },
  },
  {
    fault: 'the memory limit is hit',
    lossBound: () => UNDER_WAY + requestsDuring(2),
    recoveryBound: RECOVERY,
    run: (stage) =>
      healing(stage, async () => {
        const [container] = await stage.containers();
        // From inside, so that one process gets it: nginx would try others, and take them down as well.
        if (!container) throw new Error('no container runs');
        const { exitCode } = await container.exec(['python3', '-c', HUNGRY]).catch(() => ({ exitCode: 137 }));
        expect(exitCode, 'of the request that takes too much: what was to answer it is dead').not.toBe(0);
      }),
  },
  {
    fault: 'a GET that takes its process down',
    // nginx tries it in three processes, as it tries every GET that got no byte.
    lossBound: () => 3 * UNDER_WAY + requestsDuring(RECOVERY),
    recoveryBound: RECOVERY,
    run: (stage) => healing(stage, async () => void (await stage.ask('/memory?mb=700').catch(() => undefined))),
  },
  {
    fault: 'the engine is restarted',
    lossBound: ({ ground }) =>
      ground.target === 'bare-metal' ? requestsDuring(60) : UNDER_WAY + requestsDuring(RECOVERY),
    recoveryBound: 60,
    run: (stage) =>
      inTurn('the builder', () =>
        withoutNode(stage, async (node) => {
          await stage.ground.stopNode(node);
          await stage.ground.startNode(node);
        }),
      ),
  },
  {
    fault: 'a node is gone',
    targets: ['swarm', 'kubernetes'],
    reason: 'it is the only one',
    lossBound: () => UNDER_WAY + requestsDuring(RECOVERY),
    recoveryBound: RECOVERY,
    run: (stage) =>
      withoutNode(stage, async (node) => {
        await stage.ground.stopNode(node);
        await waitFor('all processes to run elsewhere', () => isWhole(stage), { seconds: 180, intervalSeconds: 1 });
      }),
  },
  {
    fault: 'a node is drained',
    targets: ['swarm', 'kubernetes'],
    reason: 'there is no other node',
    async run(stage) {
      const [node] = stage.ground.nodes;
      if (node === undefined) throw new Error('no node can be drained');
      const balancer = await startBalancer(stage.addresses);
      try {
        return await underFire(
          stage,
          async () => {
            await stage.ground.drain?.(node);
            await waitFor('all processes to run elsewhere', () => isWhole(stage), { seconds: 180 });
          },
          { addresses: [balancer.address] },
        );
      } finally {
        await stage.ground.undrain?.(node);
        balancer.close();
      }
    },
  },
];

/** Until everything is answered by as many processes as there should be. */
async function healing(stage: Stage, strike: () => Promise<void>): Promise<Tried> {
  return underFire(stage, async (struck) => {
    struck();
    await strike();
    await waitFor('all containers to be there again', () => isWhole(stage), { seconds: 90 });
  });
}

/** A machine off and on again, with a balancer in front of all of them where there are several. */
async function withoutNode(stage: Stage, action: (node: string) => Promise<void>): Promise<Tried> {
  const [node] = stage.ground.nodes;
  if (node === undefined) throw new Error('no node can be lost');
  const several = stage.addresses.length > 1;
  const balancer = several ? await startBalancer(stage.addresses) : undefined;
  try {
    return await underFire(
      stage,
      async (strike) => {
        strike();
        await action(node);
      },
      balancer ? { addresses: [balancer.address] } : {},
    );
  } finally {
    balancer?.close();
    // A fault ends with the machine as it was, whatever came of it.
    if (!(await stage.ground.isBack(node).catch(() => false))) await stage.ground.startNode(node);
    await waitFor(`${node} to take part again`, () => stage.ground.isBack(node), { seconds: 120 });
    await waitFor('all processes to be there again', () => isWhole(stage), { seconds: 180 });
  }
}

async function isWhole(stage: Stage): Promise<boolean> {
  const wanted = stage.ground.target === 'bare-metal' ? 1 : stage.processes;
  if ((await stage.containers()).length < wanted) return false;
  const answers = await Promise.all(
    stage.addresses.map((at) => stage.ask('/', { at, timeoutSeconds: 2 }).catch(() => undefined)),
  );
  return answers.some((answer) => answer?.status === 200);
}

/** The container in which a process that answered runs. */
async function holding(stage: Stage, pid: number) {
  for (const container of await stage.containers()) {
    const { stdout } = await container.exec(['cat', `/proc/${pid}/cmdline`]);
    if (/uvicorn|gunicorn/.test(stdout)) return container;
  }
  return undefined;
}
