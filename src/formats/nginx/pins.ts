import type { NginxUpstream } from './route.js';
import { bare, variable } from './words.js';

/** An upstream that is at fixed addresses for a while. */
export interface NginxPin {
  readonly name: string;
  /** `address:port` of each process manager; at least one. */
  readonly addresses: readonly string[];
  /** As in the upstream itself: asked where none of the addresses takes a connection. */
  readonly server: string;
  readonly idle: number;
}

/**
 * Seconds for which a client that has just had an answer may use its connection again, although nginx takes over a new configuration.
 * Twice as long as httpx keeps an idle connection (keepalive_expiry): with the same figure both would let go at one moment.
 */
export const KEPT_AT_RELOAD = 10;

/** A deployment that starts a new version beside the old one says here where requests go: the name of an app leads to both of them. */
export function pinnable(upstreams: readonly NginxUpstream[], folder: string): string {
  const maps = upstreams.map(
    ({ name }) => `    map 1 $up_${variable(name)} {
        default ${bare(name)};
${pinned(name, folder)}    }

`,
  );
  return `    # Empty but for the moments of a deployment, and after each start of nginx: a pattern may match nothing.
    include ${bare(folder)}/*.upstream;
${maps.join('')}`;
}

/** Line of a `map` that lets a pin say where an upstream is. */
export function pinned(name: string, folder: string): string {
  return `        include ${bare(folder)}/${bare(name)}[.]map;\n`;
}

/** Files that send requests for some upstreams to fixed addresses, by name inside the folder of pins. */
export function nginxPins(pins: readonly NginxPin[]): Record<string, string> {
  return Object.fromEntries(
    pins.flatMap(({ name, addresses, server: elsewhere, idle }) => [
      [`${bare(name)}.map`, `1 ${bare(name)}.pinned;\n`],
      [
        `${bare(name)}.upstream`,
        `upstream ${bare(name)}.pinned {
    zone ${bare(name)}.pinned 128k;
${addresses.map((address) => `    server ${bare(address)} max_fails=0;\n`).join('')}    server ${bare(elsewhere)} resolve backup max_fails=0;
    keepalive 32;
    keepalive_timeout ${idle}s;
}
`,
      ],
    ]),
  );
}

/** Directives that let clients go on using their connections across a reload. */
export function keptAtReload(): string {
  return `    # A client that uses its connection again at this moment would find it closed when nginx takes over a new configuration.
    keepalive_min_timeout ${KEPT_AT_RELOAD}s;
`;
}
