import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * Hears of every POST that an app executes, each by a datagram with its id: unlike a file or a log it outlives every container.
 * A datagram that is lost hides an execution, so that what it must have heard of at least is counted as well.
 */
export interface Journal {
  /** `host:port` under which the containers of an engine reach it. */
  readonly address: string;
  /** How many ids that begin so were heard, and which of them more than once. */
  read(prefix: string): { readonly executed: number; readonly twice: readonly string[] };
  close(): void;
}

/** @param reachable `host:port` of something that listens where the containers are: the way there is the way back. */
export async function openJournal(reachable: string): Promise<Journal> {
  const heard = new Map<string, number>();
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20 });
  socket.on('message', (message) => {
    const id = message.toString('utf8');
    heard.set(id, (heard.get(id) ?? 0) + 1);
  });
  socket.bind(0, '0.0.0.0');
  await once(socket, 'listening');
  return {
    address: `${await localAddress(reachable)}:${socket.address().port}`,
    read(prefix) {
      const own = [...heard].filter(([id]) => id.startsWith(prefix));
      return { executed: own.length, twice: own.filter(([, count]) => count > 1).map(([id]) => id) };
    },
    close: () => void socket.close(),
  };
}

/** The address of this machine on the way to another. */
async function localAddress(reachable: string): Promise<string> {
  const [host = '', port = ''] = reachable.split(':');
  const probe = createSocket('udp4');
  try {
    probe.connect(Number(port), host);
    await once(probe, 'connect');
    return probe.address().address;
  } finally {
    probe.close();
  }
}
