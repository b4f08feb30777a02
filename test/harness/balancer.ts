import { once } from 'node:events';
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

/** Passes each connection on to the next of `machines` (`host:port`) that accepts it. */
export async function startBalancer(machines: readonly string[]): Promise<Balancer> {
  const resting = new Map<string, number>();
  let turn = 0;
  const order = () => {
    const all = machines.map((_, index) => machines[(turn + index) % machines.length] ?? '');
    turn++;
    const isResting = (machine: string) => (resting.get(machine) ?? 0) > Date.now();
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
  return { address: `${address}:${port}`, close: () => void server.close() };
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
