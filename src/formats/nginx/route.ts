import type { NginxCookie } from './affinity.js';
import type { NginxText } from './snippets.js';

export interface NginxUpstream {
  readonly name: string;
  /** `host:port`; every address of the host gets requests, and they are looked up again each second. */
  readonly server: string;
  /** How many addresses the host may have. */
  readonly peers: number;
  /** How long an idle connection is kept; less than the app keeps it. */
  readonly idle: number;
  /**
   * What keeps the requests of a client at one address: its own address, or a cookie for the paths below `path`.
   * @default - nothing
   */
  readonly sticky?: 'address' | NginxCookie | undefined;
}

export interface NginxServer {
  /** Host names; none: every Host that no other server names. */
  readonly hosts: readonly string[];
  /** None: every request is turned away with 421. */
  readonly routes: readonly NginxRoute[];
  /**
   * Host to which every request is sent instead.
   * @default - none
   */
  readonly redirect?: string;
}

export interface NginxRoute {
  /** `/` or a prefix without a slash at its end; it is stripped. */
  readonly prefix: string;
  readonly upstream: string;
  /**
   * Path below which alone it is, with the prefix of nobody stripped; `prefix` is `/` then.
   * @default - it is for all paths below its prefix
   */
  readonly path?: string;
  /** How long nginx waits for an answer. */
  readonly read: number;
  /** Bytes of the largest body. */
  readonly body: number;
  /**
   * Other limits for a path behind the prefix and what is below it; the longest path first.
   * @default - none
   */
  readonly limits?: readonly NginxLimits[];
  /**
   * Paths behind the prefix that nobody outside is given: 404 for them and what is below them.
   * @default - none
   */
  readonly hidden?: readonly string[];
  /**
   * Headers of every answer, in the place of those that the app sends.
   * @default - none
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Requests of one client a second, and how many may come at once beyond that.
   * @default - any number
   */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
  /**
   * Directives of the user for each of its locations.
   * @default - none
   */
  readonly snippet?: NginxText | undefined;
}

export interface NginxLimits extends Pick<NginxRoute, 'read' | 'body'> {
  readonly path: string;
}
