import { once } from 'node:events';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Something in front of several machines, as a cloud's balancer is: passes connections on to those that take them. */
export interface Balancer {
  /** `host:port`. */
  readonly address: string;
  close(): void;
}

/** How long a machine may take to accept a connection, and how long one that did not is left alone. */
const PATIENCE = 500;
const REST = 2000;

/** How often each machine is asked whether it takes requests, in milliseconds, and after how many bad answers it gets none. */
const CHECK_EVERY = 1500;
const BAD_ANSWERS = 2;

/**
 * Passes each connection on to the next of `machines` (`host:port`) that is well and accepts it.
 *
 * @param checked where each of them is asked over HTTP whether it takes requests, in the same order
 */
export async function startBalancer(machines: readonly string[], checked = machines): Promise<Balancer> {
  const resting = new Map<string, number>();
  const checks = startChecks(machines, checked);
  let turn = 0;
  const order = () => {
    const all = machines.map((_, index) => machines[(turn + index) % machines.length] ?? '');
    turn++;
    const isResting = (machine: string) => (resting.get(machine) ?? 0) > Date.now() || !checks.isWell(machine);
    return [...all.filter((machine) => !isResting(machine)), ...all.filter(isResting)];
  };
  const server = createServer((client) => {
    client.pause().on('error', () => client.destroy());
    void firstThatAccepts(order(), resting).then((upstream) => {
      if (!upstream) return void client.destroy();
      upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.pipe(upstream);
      upstream.pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  return { address: `${address}:${port}`, close: () => (checks.stop(), void server.close()) };
}

function startChecks(
  machines: readonly string[],
  checked: readonly string[],
): { isWell(machine: string): boolean; stop(): void } {
  const bad = new Map<string, number>();
  const check = async (machine: string, at: string) =>
    bad.set(machine, (await isWell(at)) ? 0 : (bad.get(machine) ?? 0) + 1);
  const checkAll = () => machines.forEach((machine, index) => void check(machine, checked[index] ?? machine));
  const timer = setInterval(checkAll, CHECK_EVERY);
  return {
    isWell: (machine) => (bad.get(machine) ?? 0) < BAD_ANSWERS,
    stop: () => clearInterval(timer),
  };
}

function isWell(machine: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(3000);
    get(`http://${machine}/-/healthz`, { agent: false, signal }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode === 204));
    }).on('error', () => resolve(false));
  });
}

async function firstThatAccepts(
  machines: readonly string[],
  resting: Map<string, number>,
): Promise<Socket | undefined> {
  for (const machine of machines) {
    const socket = await accepted(machine);
    if (socket) return socket;
    resting.set(machine, Date.now() + REST);
  }
  return undefined;
}

function accepted(machine: string): Promise<Socket | undefined> {
  const [host = '', port = ''] = machine.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: PATIENCE });
    const give = () => (socket.destroy(), resolve(undefined));
    socket.on('error', give).once('timeout', give);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', give).off('timeout', give);
      resolve(socket);
    });
  });
}
