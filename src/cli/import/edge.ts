import { posix } from 'node:path';
import type { Position } from '../../errors.js';
import { HOST_NAME } from '../../model/values.js';
import type { ComposeFile, ComposeService } from '../../sources/compose/compose-file.js';
import { entriesAt, itemsOf, nodeAt, textAt, type ComposeNode } from '../../sources/compose/node.js';
import type { RoledService } from './draft.js';
import { placeOf, type Notebook } from './notebook.js';

/** What an edge says of one application. */
export interface EdgeRule {
  /** Service that answers; undefined where it is not said. */
  readonly service: string | undefined;
  readonly hosts: readonly string[];
  readonly bodyLimit: string | undefined;
  readonly requestTimeout: number | undefined;
  readonly at: Position;
}

/** Rules of the edges of a Compose file, as far as their files can be read. */
export function edgeRules(compose: ComposeFile, services: readonly RoledService[]): EdgeRule[] {
  const names = compose.services.map(({ id }) => id);
  return services
    .filter(({ role }) => role === 'edge')
    .flatMap((one) => filesOf(compose, one))
    .flatMap((file) => {
      const text = compose.readText(file) ?? '';
      return /(^|\/)Caddyfile/.test(file) ? caddyRules(file, text, names) : nginxRules(file, text, names);
    });
}

/** Files that it mounts, or that its image is made with. */
function filesOf({ folder, readText }: ComposeFile, { service, build }: RoledService): string[] {
  const mounted = itemsOf(nodeAt(service.node, 'volumes')).flatMap((item) => {
    const source = item.kind === 'scalar' ? item.text.split(':')[0] : textAt(item, 'source');
    return source?.startsWith('.') ? [posix.join(folder, source)] : [];
  });
  const usual = ['nginx.conf', 'default.conf', 'conf.d/default.conf', 'default.conf.template', 'Caddyfile'];
  const folders = [...mounted, ...(build ? [build.context] : [])];
  const all = [...mounted, ...folders.flatMap((one) => usual.map((name) => posix.join(one, name)))];
  return [...new Set(all)].filter((path) => /\.(conf|template)$|Caddyfile$/.test(path) && readText(path) !== undefined);
}

function nginxRules(file: string, text: string, names: readonly string[]): EdgeRule[] {
  const plain = text.replaceAll(/(^|\s)#.*$/gm, '');
  const upstreams = new Map(
    [...plain.matchAll(/\bupstream\s+(\S+)\s*\{([^}]*)\}/g)].map(([, name = '', body = '']) => [
      name,
      namedIn(body, names),
    ]),
  );
  const outer = limitsIn(plain.replaceAll(/\bserver\s*\{[\s\S]*$/g, ''));
  return blocksOf(plain, /\bserver\s*\{/g).map(({ body, at }) => {
    const target = /\bproxy_pass\s+https?:\/\/([\w.-]+)/.exec(body)?.[1];
    const service = target === undefined ? undefined : (upstreams.get(target) ?? names.find((name) => name === target));
    const hosts = (/\bserver_name\s+([^;]*);/.exec(body)?.[1] ?? '').split(/\s+/).filter(isHost);
    const limits = limitsIn(body);
    const line = plain.slice(0, at).split('\n').length;
    return {
      service,
      hosts,
      bodyLimit: limits.bodyLimit ?? outer.bodyLimit,
      requestTimeout: limits.requestTimeout ?? outer.requestTimeout,
      at: { file, line, column: 1 },
    };
  });
}

function limitsIn(text: string): Pick<EdgeRule, 'bodyLimit' | 'requestTimeout'> {
  const [, size, unit = ''] = /\bclient_max_body_size\s+(\d+)([kmgKMG]?);/.exec(text) ?? [];
  const seconds = Number(/\bproxy_read_timeout\s+(\d+)s?;/.exec(text)?.[1] ?? 0);
  const spelled = { '': '', k: 'Ki', m: 'Mi', g: 'Gi' }[unit.toLowerCase()] ?? '';
  return {
    // None at all is more than a stack lets in.
    bodyLimit: size === undefined || Number(size) === 0 || spelled === '' ? undefined : `${size}${spelled}`,
    requestTimeout: seconds > 0 && seconds <= 3600 ? seconds : undefined,
  };
}

function namedIn(text: string, names: readonly string[]): string | undefined {
  return [...text.matchAll(/\bserver\s+([\w.-]+)/g)].map(([, name]) => name).find((name) => names.includes(name ?? ''));
}

interface Block {
  readonly head: string;
  readonly body: string;
  readonly at: number;
}

/** What stands between the braces behind each match. */
function blocksOf(text: string, pattern: RegExp): Block[] {
  return [...text.matchAll(pattern)].map((match) => {
    const start = match.index + match[0].length;
    let depth = 1;
    let end = start;
    for (; end < text.length && depth > 0; end++) depth += text[end] === '{' ? 1 : text[end] === '}' ? -1 : 0;
    return { head: match[0], body: text.slice(start, end), at: match.index };
  });
}

function caddyRules(file: string, text: string, names: readonly string[]): EdgeRule[] {
  return blocksOf(text, /^[^\s{}#][^{}\n]*\{/gm).map(({ head, body, at }) => {
    const words = head.replace('{', '').split(/[\s,]+/);
    const hosts = words.map((word) => word.replace(/^https?:\/\//, '').replace(/[:/].*$/, '')).filter(isHost);
    const service = [...body.matchAll(/\breverse_proxy\b([^\n]*)/g)]
      .flatMap(([, rest = '']) => rest.split(/\s+/).map((word) => word.replace(/^https?:\/\//, '').replace(/:.*$/, '')))
      .find((word) => names.includes(word));
    const line = text.slice(0, at).split('\n').length;
    return { service, hosts, bodyLimit: undefined, requestTimeout: undefined, at: { file, line, column: 1 } };
  });
}

function isHost(name: string): boolean {
  return HOST_NAME.test(name) && name.includes('.') && !/^[\d.]+$/.test(name);
}

/** What the labels of a service tell Traefik. */
export interface TraefikRule {
  readonly hosts: readonly string[];
  readonly pathPrefix: string | undefined;
  readonly port: number | undefined;
  readonly from: string;
}

/** Takes over what can be read, and lists every other label. */
export function traefikRule({ id, node }: ComposeService, book: Notebook): TraefikRule {
  const labels =
    entriesAt(node, 'labels').size > 0 ? entriesAt(node, 'labels') : labelsOf(nodeAt(node, 'deploy', 'labels'));
  const hosts: string[] = [];
  const prefixes: string[] = [];
  let port: number | undefined;
  let from = '';
  const strips = [...labels.keys()].some((key) => /stripprefix/i.test(key));
  for (const [key, { at, node: value }] of labels) {
    const path = `services.${id}.labels.${key}`;
    const text = value.kind === 'scalar' ? value.text : '';
    if (/^traefik\.http\.routers\.[^.]+\.rule$/i.test(key)) {
      from = placeOf(at);
      const named = [...text.matchAll(/\bHost(?:Header)?\(([^)]*)\)/g)].flatMap(([, inside = '']) => namesIn(inside));
      const known = named.filter((name) => HOST_NAME.test(name));
      hosts.push(...known);
      const paths = [...text.matchAll(/\bPathPrefix\(([^)]*)\)/g)].flatMap(([, inside = '']) => namesIn(inside));
      if (strips) prefixes.push(...paths.filter((one) => /^(\/[A-Za-z0-9._~-]+)+$/.test(one)));
      const unread = [
        ...(named.length > known.length ? ['a host that no value is known for'] : []),
        ...(paths.length > 0 && !strips ? ['PathPrefix without stripPrefix, which lets the app see the prefix'] : []),
        ...(/\b(Headers?|HeadersRegexp|HostRegexp|Query|Method|ClientIP|PathRegexp|Path)\(/.test(text)
          ? ['what is neither Host nor PathPrefix']
          : []),
      ];
      if (unread.length > 0) book.lose(at, path, `not taken over from this rule: ${unread.join(', and ')}`);
    } else if (/loadbalancer\.server\.port$/i.test(key)) port = Number(text) || undefined;
    else labelLeft(book, { key, at, path });
  }
  return { hosts: [...new Set(hosts)], pathPrefix: prefixes[0], port, from };
}

function labelsOf(node: ComposeNode | undefined): ReturnType<typeof entriesAt> {
  if (node?.kind === 'map') return node.entries;
  const items = itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [item] : []));
  return new Map(
    items.map((item) => {
      const at = item.text.indexOf('=');
      const text = item.text.slice(at + 1);
      return [item.text.slice(0, at), { at: item.at, node: { ...item, text } }];
    }),
  );
}

function namesIn(inside: string): string[] {
  return [...inside.matchAll(/[`"']([^`"']*)[`"']/g)].map(([, name = '']) => name.toLowerCase());
}

function labelLeft(
  book: Notebook,
  { key, at, path }: { key: string; at: Parameters<Notebook['lose']>[0]; path: string },
): void {
  if (/\.tls(\.|$)|certresolver/i.test(key)) book.lose(at, path, 'HTTPS is set once for the stack: tls of new Stack');
  else if (
    /middlewares?\..*(redirect|stripprefix)/i.test(key) ||
    /\.(entrypoints|service|middlewares|priority|scheme)$/i.test(key) ||
    /^traefik\.(enable|docker\.network|swarm\.network|constraint-label|http\.services\.[^.]+\.loadbalancer\..*)$/i.test(
      key,
    )
  )
    book.drop(at, path, 'how requests reach the app is up to the edge of each target');
  else if (/^traefik\./i.test(key))
    book.lose(
      at,
      path,
      'this rule of Traefik has no counterpart here; rateLimit, responseHeaders and redirects may say it',
    );
  else if (/^(caddy|com\.datadoghq|co\.elastic)/.test(key))
    book.lose(at, path, 'nothing of the stack reads this label');
  else book.lose(at, path, 'labels are set once for the stack: labels of new Stack');
}
