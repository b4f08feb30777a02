import { createServer, type Server } from 'node:net';
import { waitFor } from './wait.js';

/** Does `work` while no other process of this machine has the turn at `what`. It ends with the process that has it, however that ends. */
export async function inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
  const turn = await waitFor(`the turn at ${what}`, () => take(what), { seconds: 900 });
  try {
    return await work();
  } finally {
    turn.close();
  }
}

/** A name outside of the file system, which one process can have and the kernel takes back. */
function take(what: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(`\0asgi-synth ${what}`, () => resolve(server));
  });
}
