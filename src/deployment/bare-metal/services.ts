import { parse } from 'yaml';
import type { OutputFile } from '../../targets/target.js';
import type { Plan } from '../plan.js';

/** What `compose.yaml` says of a service, as far as a deployment must know. */
export interface Service {
  readonly name: string;
  /**
   * `app`: replaced by a new container beside the old one, as its static files are. `edge`: nginx. `job`: runs before a new release, and not at all otherwise.
   * `other`: a worker, or added by a patch; left to Compose.
   */
  readonly kind: 'app' | 'edge' | 'job' | 'other';
  readonly image: string | undefined;
  /** Whether it publishes a port itself, so that no second container can run beside it. */
  readonly published: boolean;
  /** How many containers it has. */
  readonly replicas: number;
}

interface ComposeYaml {
  readonly services?: Readonly<
    Record<
      string,
      | {
          readonly image?: string;
          readonly ports?: readonly unknown[];
          readonly deploy?: { readonly replicas?: number };
        }
      | undefined
    >
  >;
  readonly networks?: Readonly<Record<string, { readonly name?: string; readonly external?: boolean } | null>>;
}

function composeYaml(files: readonly OutputFile[]): ComposeYaml {
  const text = files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
  return (parse(text) ?? {}) as ComposeYaml;
}

/** The services of an output, in its order. */
export function servicesOf(files: readonly OutputFile[], plan: Plan): Service[] {
  return Object.entries(composeYaml(files).services ?? {}).map(([name, service]) => ({
    name,
    kind: kindOf(name, plan),
    // Compose reads `$$` as a dollar; no reference of an image has one.
    image: service?.image,
    published: (service?.ports ?? []).length > 0,
    replicas: service?.deploy?.replicas ?? 1,
  }));
}

function kindOf(name: string, { apps, statics = [], jobs = [], edge }: Plan): Service['kind'] {
  if ([...apps, ...statics].some(({ id }) => id === name)) return 'app';
  if (jobs.some(({ id }) => id === name)) return 'job';
  return name === 'nginx' && edge ? 'edge' : 'other';
}

/** Names of the networks that must be there before. */
export function externalNetworks(files: readonly OutputFile[]): string[] {
  return Object.entries(composeYaml(files).networks ?? {}).flatMap(([key, network]) =>
    network?.external === true ? [network.name ?? key] : [],
  );
}

/** The configuration of nginx in an output. */
export function nginxConfOf(files: readonly OutputFile[]): string | undefined {
  return files.find(({ path }) => path === NGINX_CONF)?.content;
}

export function withNginxConf(files: readonly OutputFile[], content: string): OutputFile[] {
  return files.map((file) => (file.path === NGINX_CONF ? { ...file, content } : file));
}

const NGINX_CONF = 'nginx/nginx.conf';
