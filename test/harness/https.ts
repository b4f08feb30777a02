import { once } from 'node:events';
import { request as send } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Whom a client asks over TLS, and which certificate alone it believes. */
export interface Securely {
  readonly host: string;
  /** `host:port` to connect to. */
  readonly address: string;
  /** PEM text. */
  readonly ca: string;
}

export interface SecureResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request over HTTPS on a new connection. Rejects where the certificate is not for the host. */
export async function requestSecurely(
  { host, address, ca }: Securely,
  path: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<SecureResponse> {
  const to = { ...place(address), servername: host, headers: { Host: host }, agent: false, timeout: 30_000 } as const;
  const request = send({ ...to, ca, path, method }).end();
  request.on('timeout', () => request.destroy(new Error('no answer in 30 s')));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** What a client and the edge agree on, of the protocols that the client speaks. */
export async function negotiated({ host, address, ca }: Securely): Promise<{ tls: string | null; protocol: string }> {
  const socket = connect({ ...place(address), servername: host, ca, ALPNProtocols: ['h2', 'http/1.1'] });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(30_000) });
    return { tls: socket.getProtocol(), protocol: socket.alpnProtocol || '' };
  } finally {
    socket.destroy();
  }
}

function place(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
