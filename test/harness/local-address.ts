import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** The address of this machine that another one sees. Nothing is sent. */
export async function localAddress(other: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(9, other);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
