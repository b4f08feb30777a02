import type { Securely } from './https.js';
import { run } from './process.js';
import type { Platform } from './running/platform.js';

interface AnswerOverHttp3 {
  readonly status: number;
  readonly body: string;
}

/**
 * One request over HTTP/3 and nothing less, on a new connection. Node has no client for that; the official image of nginx has a `curl` that
 * does. Rejects where no answer comes over UDP, or where the certificate is not for the host.
 *
 * @param port port that the client asks for, wherever `address` is
 */
export async function requestOverHttp3(
  { engine, builderEnv }: Platform,
  { host, address, ca, port }: Securely & { readonly port: number },
  path: string,
): Promise<AnswerOverHttp3> {
  const curl = [
    ...['curl', '--silent', '--show-error', '--http3-only', '--max-time', '30', '--cacert', '/dev/stdin'],
    ...['--connect-to', `${host}:${port}:${address}`, '--write-out', '\n%{http_code}'],
    `https://${host}:${port}${path}`,
  ];
  const { stdout } = await run(
    'docker',
    ['run', '--rm', '--interactive', '--network', 'host', engine.images.nginx, ...curl],
    { env: builderEnv, input: ca },
  );
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}
