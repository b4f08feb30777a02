import type { IConstruct } from 'constructs';
import type { PostgresVersion } from './postgres.js';
import type { RedisVersion } from './redis.js';
import type { Overlap } from './schedule.js';

/** What holds for the props of each kind of construct that are not written. */
export interface Defaults {
  readonly stack: {
    readonly httpPort: number;
    readonly httpsPort: number;
    /** Seconds. */
    readonly hsts: number;
    /** Directory of the authority that certificates come from. */
    readonly acmeDirectory: string;
  };
  readonly app: {
    readonly processes: number;
    /** Per cent, where the number of processes is a range. */
    readonly processCpu: number;
    readonly memory: string;
    readonly cpu: number;
    readonly port: number;
    /** Seconds. */
    readonly startup: number;
    /** Seconds. */
    readonly requestTimeout: number;
    readonly bodyLimit: string;
  };
  readonly task: { readonly memory: string; readonly cpu: number; readonly gracePeriod: number };
  readonly worker: {
    readonly processes: number;
    readonly health: { readonly interval: number; readonly timeout: number; readonly startup: number };
  };
  readonly job: { readonly timeout: number };
  readonly schedule: {
    readonly timeZone: string;
    readonly overlap: Overlap;
    readonly deadline: number;
    readonly timeout: number;
  };
  readonly postgres: DatabaseDefaults & { readonly maxConnections: number };
  readonly redis: DatabaseDefaults & { readonly evict: boolean };
  readonly volume: { readonly size: string };
  /** Third-party images: full versions, never a floating tag. */
  readonly images: {
    readonly certbot: string;
    readonly nginx: string;
    /** By major version. */
    readonly postgres: Readonly<Record<PostgresVersion, string>>;
    /** By major version. */
    readonly redis: Readonly<Record<RedisVersion, string>>;
    /** By minor version, the oldest first. The last one is for code that asks for none. */
    readonly python: Readonly<Record<string, string>>;
  };
}

interface DatabaseDefaults {
  readonly storage: string;
  readonly memory: string;
  readonly cpu: number;
}

/** Sets of defaults by the month from which they are, `2026-11`. */
export type DefaultsByDate = Readonly<Record<string, Defaults>>;

/**
 * Every set of defaults there has been. One that was released never changes, since stacks name it: what should be otherwise from now on
 * is a later entry, made of the one before and what differs.
 */
export const DEFAULTS = {
  '2026-11': {
    // A day saves whoever comes back from a first request over HTTP, and a certificate that went wrong keeps nobody out for longer.
    stack: {
      httpPort: 80,
      httpsPort: 443,
      hsts: 86_400,
      // Let's Encrypt (letsencrypt.org/docs/acme-protocol-updates).
      acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
    },
    app: {
      processes: 2,
      processCpu: 70,
      memory: '512Mi',
      cpu: 1,
      port: 8000,
      startup: 60,
      requestTimeout: 60,
      bodyLimit: '10Mi',
    },
    task: { memory: '512Mi', cpu: 1, gracePeriod: 60 },
    worker: { processes: 1, health: { interval: 30, timeout: 10, startup: 60 } },
    job: { timeout: 600 },
    schedule: { timeZone: 'UTC', overlap: 'forbid', deadline: 60, timeout: 3600 },
    postgres: { storage: '10Gi', memory: '512Mi', cpu: 1, maxConnections: 100 },
    redis: { storage: '10Gi', memory: '256Mi', cpu: 1, evict: false },
    volume: { size: '1Gi' },
    images: {
      certbot: 'certbot/certbot:v5.8.0',
      nginx: 'nginx:1.30.4',
      postgres: {
        '15': 'postgres:15.19-trixie',
        '16': 'postgres:16.15-trixie',
        '17': 'postgres:17.11-trixie',
        '18': 'postgres:18.6-trixie',
      },
      redis: { '8': 'redis:8.10.2' },
      // As Docker Hub tags the newest patch release of that month. 3.10 is the oldest that Uvicorn 0.51 runs on.
      python: {
        '3.10': 'python:3.10.21-slim-trixie',
        '3.11': 'python:3.11.16-slim-trixie',
        '3.12': 'python:3.12.15-slim-trixie',
        '3.13': 'python:3.13.16-slim-trixie',
        '3.14': 'python:3.14.8-slim-trixie',
      },
    },
  },
} as const satisfies DefaultsByDate;

/** Month of a set of defaults. */
export type DefaultsDate = keyof typeof DEFAULTS;

/** The dates of a table, the oldest first. */
export function datesOf(byDate: DefaultsByDate = DEFAULTS): string[] {
  return Object.keys(byDate).toSorted();
}

/** The date that a stack gets which names none: the first one, so that what comes later changes nothing for it. */
export function oldestDate(byDate: DefaultsByDate): string {
  return datesOf(byDate)[0] ?? '';
}

/** The date for a stack that is new. */
export function newestDate(byDate: DefaultsByDate = DEFAULTS): string {
  return datesOf(byDate).at(-1) ?? '';
}

/** The defaults for a stack that is new. */
export function newestDefaults(byDate: DefaultsByDate = DEFAULTS): Defaults {
  const newest = byDate[newestDate(byDate)];
  if (newest === undefined) throw new Error('there are no defaults');
  return newest;
}

/** Key of the context under which the tree of a stack finds its defaults. */
const CONTEXT = 'asgi-synth.defaults';

/** Gives `defaults` to a construct and to whatever will be below it. */
export function setDefaults(root: IConstruct, defaults: Defaults): void {
  root.node.setContext(CONTEXT, defaults);
}

/** The defaults that hold for a construct: those of its stack. */
export function defaultsOf(construct: IConstruct): Defaults {
  return (construct.node.tryGetContext(CONTEXT) as Defaults | undefined) ?? DEFAULTS[FIRST];
}

const FIRST: DefaultsDate = '2026-11';
