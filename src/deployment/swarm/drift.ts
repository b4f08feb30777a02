import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../deployer.js';
import type { Release } from '../ledger.js';
import { idOf, type Service, type ServiceSpec } from './answers.js';
import { stackYaml } from './stack-yaml.js';

/** Specifications of services right after they were deployed, by id. */
export type Observed = Readonly<Record<string, ServiceSpec>>;

export function observedOf(services: readonly Service[], stack: string): Observed {
  return Object.fromEntries(services.map((service) => [idOf(service, stack), service.Spec]));
}

/** How what runs differs from what was there right after the release was deployed. */
export function driftOf(release: Release, services: readonly Service[]): Difference[] {
  const live = observedOf(services, release.plan.name);
  const before = release.observed as Observed | undefined;
  const expected = Object.keys(before ?? stackYaml(release.files).services);
  return [
    ...expected.filter((id) => !live[id]).map((of): Difference => ({ of, before: before?.[of] ?? {} })),
    ...Object.keys(live)
      .filter((id) => !expected.includes(id))
      .map((of): Difference => ({ of, after: live[of] })),
    ...expected.flatMap((of) =>
      before?.[of] && live[of] ? differences(before[of], live[of]).map((one): Difference => ({ of, ...one })) : [],
    ),
  ];
}

type Field = Omit<Difference, 'of'>;

/** Fields that are not alike. A restart by force changes nothing that runs. */
export function differences(before: unknown, after: unknown, path: readonly string[] = []): Field[] {
  if (isDeepStrictEqual(before, after) || path.at(-1) === 'ForceUpdate') return [];
  if (!isObject(before) || !isObject(after)) return [{ field: path.join('.'), before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
