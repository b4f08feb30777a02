import { code, type MarkdownSection } from '../formats/markdown.js';
import type { Stack } from '../model/stack.js';
import { shellWord } from './context.js';
import { takesHttp3, takesHttps } from './edge.js';

/** The host by which an edge is asked on its operator's page. */
function hostOf({ apps }: Stack): string {
  return apps.flatMap(({ hosts }) => hosts)[0] ?? 'localhost';
}

/** `curl` for the first app at an address of the edge. By address, so that the certificate is no part of it. */
export function edgeRequest(stack: Stack, address: string, hasTls: boolean): string {
  const [app] = stack.apps;
  const host = app?.hosts[0] ?? 'localhost';
  const path = app?.pathPrefix ?? app?.health.readiness ?? '/';
  if (!hasTls) return `curl -i -H ${shellWord(`Host: ${host}`)} http://${address}:${stack.httpPort.port}${path}`;
  const { port } = stack.httpsPort;
  // Until there is a first certificate no connection over TLS is taken.
  const patient = stack.tls?.source.kind === 'acme' ? ' --retry 30 --retry-delay 2 --retry-all-errors' : '';
  return `curl -i --insecure${patient} --resolve ${shellWord(`${host}:${port}:${address}`)} https://${host}:${port}${path}`;
}

/** What a client is shown at an address of the edge: until when it holds, for whom, and by whom. */
export function servedCertificate(stack: Stack, address: string, port: number): string {
  return `openssl s_client -connect ${shellWord(`${address}:${port}`)} -servername ${shellWord(hostOf(stack))} </dev/null 2>/dev/null | openssl x509 -noout -enddate -subject -issuer`;
}

/** Words of a sentence about ports that say where nginx on Docker takes HTTPS; none where it does not. */
export function overHttps(stack: Stack): string {
  if (!takesHttps(stack)) return '';
  return `, over HTTPS on port ${stack.httpsPort.port}${takesHttp3(stack) ? ' (TCP, and UDP for HTTP/3)' : ''},`;
}

/** What HTTP/3 needs of whoever runs it on Docker. `reloads` says what nginx reads anew while it runs, if anything. */
export function http3Section(stack: Stack, where: string, reloads: string | undefined): MarkdownSection[] {
  if (!takesHttp3(stack)) return [];
  const { port } = stack.httpsPort;
  return [
    [
      'HTTP/3',
      `HTTP/3 comes over UDP: open port ${code(`${port}/udp`)} beside ${code(`${port}/tcp`)} in the firewall of ${where} and in that of its provider. As long as it is closed nothing fails, and clients stay at HTTP/2. From outside, with a ${code('curl')} that has HTTP/3:`,
      { shell: [`curl -sS -o /dev/null -w '%{http_version}\\n' --http3-only https://${hostOf(stack)}:${port}/`] },
      ...(reloads === undefined
        ? []
        : [
            `nginx reads ${reloads} by a reload, which closes no connection over HTTP/3 before its requests have ended. While connections from before it last, such as WebSockets, for up to an hour, a new one over HTTP/3 may take a second more or fail, and browsers use HTTP/2 instead.`,
          ]),
      `Answers tell clients for a day that there is HTTP/3. Where it is taken out again, they try it in vain until then, and use HTTP/2.`,
    ],
  ];
}

/** What HSTS means for whoever takes HTTPS away again. */
export function hstsNote({ tls }: Stack): string[] {
  if (tls?.hsts === undefined) return [];
  return [
    `Browsers that were here over HTTPS use it alone for ${tls.hsts} s (HSTS), and let nobody click a wrong certificate away. Before HTTPS goes, deploy ${code('hsts: 0')} and wait as long.`,
  ];
}

/** What goes wrong with HTTPS where nginx is ours, how it looks, and where to look. `logs` shows what nginx says. */
export function tlsFailures(served: string, logs: string): string[][] {
  return [
    [
      'browsers warn of the certificate',
      'it has ended, names other hosts, or lacks those between it and its root',
      code(served),
    ],
    [
      'nginx says `cannot load certificate` or `key values mismatch`',
      'no PEM text, or the key of another certificate',
      `${code(logs)}; ${code('openssl x509 -noout -pubkey -in CERTIFICATE')} and ${code('openssl pkey -pubout -in KEY')} must print the same`,
    ],
    [
      '308 again and again',
      'a balancer in front ends TLS itself, and nginx does not believe what it says of its clients',
      '`trustedProxies` in the stack',
    ],
  ];
}
