import { parse, stringify } from 'yaml';
import type { OutputFile } from '../../targets/target.js';

/** A service of `stack.yaml`, as far as it is read here. */
export interface StackService {
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly configs?: readonly { readonly source: string }[];
  readonly secrets?: readonly { readonly source: string }[];
  readonly volumes?: readonly { readonly type: string; readonly source?: string }[];
  readonly deploy?: {
    readonly placement?: { readonly constraints?: readonly string[] };
    readonly resources?: object;
    readonly update_config?: object;
  };
  readonly [key: string]: unknown;
}

export interface StackYaml {
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks?: Readonly<Record<string, { readonly name?: string; readonly external?: boolean } | null>>;
  readonly volumes?: Readonly<Record<string, { readonly name?: string } | null>>;
  readonly configs?: Readonly<Record<string, { readonly name?: string }>>;
  readonly secrets?: Readonly<Record<string, { readonly name?: string }>>;
}

/** `stack.yaml` of an output. */
export function stackYaml(files: readonly OutputFile[]): StackYaml {
  const file = files.find(({ path }) => path === 'stack.yaml');
  if (!file) throw new Error('the output has no stack.yaml');
  return parse(file.content) as StackYaml;
}

/** The text of a stack with some of its services, and what they need. */
export function withServices(stack: StackYaml, ids: readonly string[]): string {
  const services = Object.fromEntries(Object.entries(stack.services).filter(([id]) => ids.includes(id)));
  const used = (of: (service: StackService) => readonly { readonly source?: string }[] | undefined) =>
    Object.values(services).flatMap((service) => (of(service) ?? []).flatMap(({ source }) => source ?? []));
  const pick = (all: object | undefined, keys: readonly string[]) =>
    Object.fromEntries(Object.entries(all ?? {}).filter(([key]) => keys.includes(key)));
  return stringify({
    services,
    networks: stack.networks,
    volumes: pick(
      stack.volumes,
      used(({ volumes }) => volumes),
    ),
    configs: pick(
      stack.configs,
      used(({ configs }) => configs),
    ),
    secrets: pick(
      stack.secrets,
      used(({ secrets }) => secrets),
    ),
  });
}

/** Names of the configs that an output uses, as the engine has them. */
export function configNames(files: readonly OutputFile[]): string[] {
  return Object.values(stackYaml(files).configs ?? {}).flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** Labels of nodes that say where a volume is, `shop.data`; others are for an operator to give. */
export function pinningLabels(files: readonly OutputFile[]): string[] {
  const { services, volumes } = stackYaml(files);
  const constraints = Object.values(services).flatMap(({ deploy }) => deploy?.placement?.constraints ?? []);
  const labels = constraints.map((constraint) => /^node\.labels\.(\S+) == true$/.exec(constraint)?.[1]);
  const pinning = Object.entries(volumes ?? {}).map(([id, volume]) => pinningLabel(id, volume?.name));
  return [...new Set(labels.filter((label) => label !== undefined))]
    .filter((label) => pinning.includes(label))
    .toSorted();
}

/** A volume `shop_data` is where the label `shop.data` is. */
function pinningLabel(id: string, name = ''): string {
  return `${name.slice(0, -id.length - 1)}.${id}`;
}
