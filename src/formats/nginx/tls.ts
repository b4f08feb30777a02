import { quoted } from './words.js';

/** HTTPS beside HTTP, with one certificate for all hosts. */
export interface NginxTls {
  /** Port that takes requests over TLS. Above 1023, as the other one is. */
  readonly port: number;
  /**
   * PEM files of the certificate, with those between it and its root, and of its key; or a file of directives that name them or refuse
   * every handshake, which is written before nginx starts.
   */
  readonly pair: { readonly certificate: string; readonly key: string } | { readonly file: string };
  /**
   * Port under which clients reach `port`, to which requests over HTTP are sent.
   * @default - HTTP is served as HTTPS is
   */
  readonly redirectTo?: number;
  /**
   * Seconds for which browsers are told to use HTTPS alone.
   * @default - they are told nothing
   */
  readonly hsts?: number;
  /**
   * Port under which clients reach `port` over UDP, for HTTP/3.
   * @default - HTTP/2 at most
   */
  readonly http3?: number;
}

/**
 * TLS 1.2 ciphers of Mozilla's "intermediate" (ssl-config.mozilla.org, guideline 5.7) that nginx offers: it has none of those with DHE
 * unless it is given parameters for them.
 */
const CIPHERS = ['ECDHE-ECDSA', 'ECDHE-RSA'].flatMap((exchange) =>
  ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].map((cipher) => `${exchange}-${cipher}`),
);

/** Directives for all servers. Whichever is asked has the certificate: who checks by address must get an answer. */
export function tlsSettings({ pair, hsts, http3 }: NginxTls): string {
  return `    # As Mozilla's "intermediate" says. Several nginx share no keys for tickets, so that sessions are kept in memory alone.
${'file' in pair ? `    include ${quoted(pair.file)};\n` : certificatePair(pair, 4)}    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${CIPHERS.join(':')};
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:tls_sessions:10m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;
    http2 on;
${http3 === undefined ? '' : '    http3 on;\n'}
${hsts === undefined ? '' : hstsValue(hsts)}${http3 === undefined ? '' : altSvcValue(http3)}`;
}

/** Directives that name a certificate and its key. */
export function certificatePair({ certificate, key }: { certificate: string; key: string }, indent = 0): string {
  const space = ' '.repeat(indent);
  return `${space}ssl_certificate ${quoted(certificate)};\n${space}ssl_certificate_key ${quoted(key)};\n`;
}

/** Never over HTTP, where anybody may have written it, and not where the app says it itself. */
function hstsValue(seconds: number): string {
  return `    # Browsers that have been here over HTTPS are told to come back over HTTPS; an app that says so itself goes before.
    map "$client_scheme:$upstream_http_strict_transport_security" $hsts {
        default "";
        "https:" "max-age=${seconds}";
    }

`;
}

/** For a day, the default of RFC 7838. Where a balancer in front ends TLS, clients know its ports alone, which may have no UDP. */
function altSvcValue(port: number): string {
  return `    # Who came over TLS is told that there is HTTP/3; an app that says so itself goes before.
    map "$https:$upstream_http_alt_svc" $alt_svc {
        default "";
        "on:" 'h3=":${port}"; ma=86400';
    }

`;
}

/** Lines that let a server take requests over TLS as well. */
export function tlsListen(tls: NginxTls | undefined, isDefault: boolean): string {
  if (tls === undefined) return '';
  const tcp = `        listen ${tls.port} ssl${isDefault ? ' default_server' : ''};\n`;
  if (tls.http3 === undefined) return tcp;
  // A socket for each worker, so that the packets of a connection reach one and the same; an option of the address, said once.
  return `${tcp}        listen ${tls.port} quic${isDefault ? ' default_server reuseport' : ''};\n`;
}

/** Directives of a server that has apps or leads to one, or of a location, but for those `headers` that it sets itself. */
export function tellsOfTls(tls: NginxTls | undefined, { indent = 8, headers = [] as readonly string[] } = {}): string {
  const own = headers.map((name) => name.toLowerCase());
  return [
    ...(tls?.hsts === undefined ? [] : (['Strict-Transport-Security $hsts'] as const)),
    ...(tls?.http3 === undefined ? [] : (['Alt-Svc $alt_svc'] as const)),
  ]
    .filter((said) => !own.includes(said.slice(0, said.indexOf(' ')).toLowerCase()))
    .map((said) => `${' '.repeat(indent)}add_header ${said} always;\n`)
    .join('');
}

/** Variable that holds the port of the host that a client has asked for: over HTTP/3 nginx has no Host header. */
export function askedPort(tls: NginxTls | undefined): string {
  return tls?.http3 === undefined ? '$http_host' : '$is_request_port$request_port';
}

/** Directives that send whoever comes over HTTP to HTTPS. Not of a server with locations, where they would come before each of them. */
export function sentToTls(tls: NginxTls | undefined, { host = '$host', indent = 12 } = {}): string {
  if (tls?.redirectTo === undefined) return '';
  const port = tls.redirectTo === 443 ? '' : `:${tls.redirectTo}`;
  const space = ' '.repeat(indent);
  return `${space}if ($client_scheme = http) {
${space}    return 308 https://${host}${port}$request_uri;
${space}}
`;
}
