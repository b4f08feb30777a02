import type { IConstruct } from 'constructs';
import { UserError, type Complaint } from '../errors.js';
import type { ComposeFile } from '../formats/compose.js';
import { closest } from '../model/closest.js';
import { patchesOf } from '../model/patches.js';
import { positionOf } from '../model/position.js';
import { findingsIn, isObject, spelled, type Finding, type Path, type PropsSchema } from '../model/props.js';
import type { Stack } from '../model/stack.js';
import { workersOf } from '../model/tree.js';
import { patched } from './patching.js';

/** What the engine of a target takes in its file. */
export interface FileRules {
  readonly target: string;
  readonly file: PropsSchema;
  readonly service: PropsSchema;
  /** What the engine does with a key that is not in the schema; undefined where nobody knows it. `path` leads down from the file. */
  refusal(path: Path, shown: string): string | undefined;
  /** Whether the engine leaves a key alone whose name begins with x-. */
  leavesNote(path: Path): boolean;
}

/** The file with every patch in it. Refuses what its engine would not take, or pass over in silence. */
export function patchedFile(stack: Stack, file: ComposeFile<object>, rules: FileRules): object {
  const parts = patchedServices(stack, file, rules);
  const services = Object.fromEntries(parts.map(({ id, service }) => [id, service]));
  const whole = patched(rules.target, stack, 'stack', { ...file, services });
  const blamed = parts.filter(({ complaints }) => complaints.length > 0).map(({ id }) => id);
  refuse([
    ...complaintsOf(stack, rules, () => wrongInFile(whole, rules).filter(({ path }) => !isWithin(blamed, path))),
    ...parts.flatMap(({ complaints }) => complaints),
  ]);
  return whole;
}

interface PatchedService {
  readonly id: string;
  readonly service: object;
  readonly complaints: readonly Complaint[];
}

function patchedServices(stack: Stack, { services }: ComposeFile<object>, rules: FileRules): PatchedService[] {
  const all: readonly IConstruct[] = [...stack.apps, ...stack.databases, ...workersOf(stack)];
  const apps = new Map(all.map((one) => [one.node.id, one]));
  return Object.entries(services).map(([id, service]) => {
    const app = apps.get(id);
    if (app === undefined) return { id, service, complaints: [] };
    const result = patched(rules.target, app, 'service', service);
    return { id, service: result, complaints: complaintsOf(app, rules, () => wrongInService(id, result, rules)) };
  });
}

/** Whether a place is in a service for which its app has to answer already. */
function isWithin(services: readonly string[], [top, id]: Path): boolean {
  return top === 'services' && services.includes(String(id));
}

/** Our own output is right by itself: only a patch can be wrong. */
function complaintsOf(construct: IConstruct, { target }: FileRules, findings: () => Finding[]): Complaint[] {
  if (patchesOf(construct, target).length === 0) return [];
  const where = { position: positionOf(construct), path: construct.node.path };
  return findings().map(({ message }) => ({ ...where, message: `patch is wrong: ${message}` }));
}

function refuse(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new UserError(complaints);
}

function wrongInService(id: string, service: object, rules: FileRules): Finding[] {
  return [...differences(rules.service, service, rules, ['services', id]), ...missingImage(service, [])];
}

function wrongInFile(file: object, rules: FileRules): Finding[] {
  const { services } = file as { readonly services?: unknown };
  const entries = isObject(services) ? Object.entries(services) : [];
  return [
    ...differences(rules.file, file, rules, []),
    ...entries.flatMap(([id, service]) => missingImage(service, ['services', id])),
  ];
}

/** Values of these may be secrets that somebody pasted there. */
const HIDDEN = ['environment', 'command', 'entrypoint', 'test', 'args', 'labels', 'options', 'driver_opts', 'content'];

function differences(schema: PropsSchema, part: object, rules: FileRules, above: Path): Finding[] {
  const unknown = (path: Path, known: readonly string[]) => {
    const [key, place] = [String(path.at(-1)), [...above, ...path]];
    if (key.startsWith('x-') && rules.leavesNote(place)) return undefined;
    const guess = closest(key, known);
    const next = guess === undefined ? 'take it out' : `did you mean ${guess}?`;
    return rules.refusal(place, spelled(path)) ?? `unknown key ${spelled(path)}; ${next}`;
  };
  return findingsIn(schema, part, { hidden: HIDDEN, unknown });
}

function missingImage(service: unknown, path: Path): Finding[] {
  if (!isObject(service) || ['image', 'build', 'extends', 'provider'].some((key) => key in service)) return [];
  const image = [...path, 'image'];
  return [{ path: image, message: `${spelled(image)} is missing; without one there is nothing to run` }];
}
