import type { HttpPort, Stack } from '../../model/stack.js';
import { hasOwnEdge, publishedPort, takesHttps } from '../../targets/edge.js';
import type { TargetName } from '../../targets/index.js';
import { destroying } from '../other-target.js';
import { WITHOUT_ENGINE, type Engine } from './engine.js';
import { failed, ok, warning, type Finding } from './finding.js';
import type { Machine } from './machine.js';

/** The ports of the host that a stack takes on bare metal and on a Swarm. */
export function hostPorts(stack: Stack): HttpPort[] {
  if (hasOwnEdge(stack)) return [stack.httpPort, ...(takesHttps(stack) ? [stack.httpsPort] : [])];
  const { address } = stack.httpPort;
  return stack.apps.flatMap((app) => {
    const port = publishedPort(stack, app);
    return port === undefined ? [] : [{ address, port }];
  });
}

/** The stack that wants a port. */
interface Owner {
  /** Deployed name. */
  readonly name: string;
  readonly stage: string | undefined;
  /** Where it is to be deployed. */
  readonly targets: readonly TargetName[];
}

/** Whether a port is free on the host of the engine, or the stack's own already. */
export async function checkPort(
  machine: Machine,
  engine: Engine,
  { address, port }: HttpPort,
  { name, stage, targets }: Owner,
): Promise<Finding> {
  const what = { check: 'port', of: address === undefined ? String(port) : `${address}:${port}` };
  const holder = engine.trouble ? undefined : await holderOf(engine, port);
  if (holder?.stack === name && !targets.includes(holder.target))
    return failed(
      what,
      `taken by ${holder.container}, which is the ${holder.target} output of ${name}`,
      destroying(holder.target, stage),
    );
  if (holder?.stack === name) return ok(what, `taken by ${holder.container}, which is of ${name} itself`);
  if (holder) return failed(what, `taken by ${holder.container}`, otherPort(`stop ${holder.container}`));
  if (engine.trouble && !engine.local) return warning(what, ...WITHOUT_ENGINE);
  if (!engine.local)
    return ok(what, `no container of the engine has it; other programs of its host cannot be seen from here`);
  const state = await machine.port(port, address?.replace(/^\[(.*)\]$/, '$1'));
  if (state === 'free') return ok(what, 'free');
  if (state === 'taken')
    return failed(
      what,
      'taken by another program of this machine',
      otherPort(`see which: ss -ltnp 'sport = :${port}'`),
    );
  return warning(
    what,
    `cannot be tried on this machine`,
    `look for yourself: ss -ltnp 'sport = :${port}'; an address must be one of the host's`,
  );
}

function otherPort(first: string): string {
  return `${first}, or give the stack another httpPort or httpsPort`;
}

interface Holder {
  readonly container: string;
  /** Deployed name of the stack that it is of; empty where it is of none. */
  readonly stack: string;
  readonly target: 'bare-metal' | 'swarm';
}

/** What publishes a port on the engine: a container, or a service of a Swarm by its routing mesh. */
async function holderOf(engine: Engine, port: number): Promise<Holder | undefined> {
  const format = '{{.Names}}\t{{.Label "asgi-synth.stack"}}\t{{.Label "com.docker.compose.project"}}';
  const { stdout, exitCode } = await engine.run(['ps', '--filter', `publish=${port}`, '--format', format]);
  const [container = '', stack = '', project = ''] = (stdout.split('\n')[0] ?? '').split('\t');
  if (exitCode === 0 && container !== '') return { container, stack, target: project === '' ? 'swarm' : 'bare-metal' };
  return engine.info.Swarm?.ControlAvailable ? serviceWith(engine, port) : undefined;
}

async function serviceWith({ run }: Engine, port: number): Promise<Holder | undefined> {
  const { stdout } = await run(['service', 'ls', '--format', '{{.Name}}\t{{.Ports}}']);
  const found = stdout.split('\n').find((line) => line.includes(`:${port}->`));
  const [container = ''] = (found ?? '').split('\t');
  // `docker stack` puts the name of the stack before that of the service, which has no underscore.
  return container === ''
    ? undefined
    : { container, stack: container.slice(0, container.lastIndexOf('_')), target: 'swarm' };
}
