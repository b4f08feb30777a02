import type { IConstruct } from 'constructs';
import { placesIn } from '../formats/places/index.js';
import { spelledPath, type Place } from '../formats/places/place.js';
import { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import { Task } from '../model/task.js';
import { linksOf, type TimeoutLink } from '../model/timeouts.js';
import { reasonFinder, type Reason } from '../targets/reasons.js';
import type { Subject } from '../targets/subject.js';
import type { OutputFile, Target } from '../targets/target.js';
import { originsOf, type Origin, type PlaceOf } from './origin.js';
import { patchOf } from './patched-place.js';

/** One line of an output: what it is for, and what made it. */
export interface ExplainedLine {
  /** Counted from 1. */
  readonly line: number;
  /** Where it is inside the file: `services.api.deploy.replicas`. */
  readonly path: string;
  /** What it is set to. @default - it holds what follows */
  readonly value?: string;
  /** Path of the construct that it was made for. */
  readonly construct: string;
  /** What it is for; undefined where nothing is known. */
  readonly why?: string;
  /** Props that decide on it; none where no prop changes it. */
  readonly from: readonly Origin[];
  /** The link of the chain of timeouts that it is. */
  readonly timeout?: TimeoutLink;
  /** The JSON Patch of the stack file that wrote it, as `replace /deploy/replicas`. */
  readonly patch?: string;
  /** Where the fact behind it can be looked up. */
  readonly source?: string;
}

/** A stack on a target, and where its constructs are written. */
export interface Explained {
  readonly stack: Stack;
  readonly target: Pick<Target, 'name' | 'support' | 'explanation'>;
  readonly placeOf: PlaceOf;
}

/** Every line of an output file that is not empty. */
export function explainLines(explained: Explained, { path: file, content }: OutputFile): ExplainedLine[] {
  const { stack, target } = explained;
  const places = placesIn(file, content);
  const subjects = places.map((place) => target.explanation.subjectOf(file, place, stack));
  const find = reasonFinder(target.explanation.reasons);
  const added = addedPlaces(places, subjects, explained);
  return places.map((place, index) => {
    const subject = subjects[index]!;
    const reason = added.has(place)
      ? OWN_OBJECT
      : (find({ stack, ...subject, value: place.value })?.reason ?? group(subject, subjects));
    return explainedLine(place, subject, reason, explained);
  });
}

const OWN_OBJECT: Reason = { why: 'part of an object that the stack file adds itself' };

function explainedLine(
  { line, path, value }: Place,
  { construct, isBeside }: Subject,
  reason: Reason | undefined,
  { stack, target, placeOf }: Explained,
): ExplainedLine {
  const patch = patchOf(target.name, { stack, construct, path, isBeside });
  const timeout = reason?.link === undefined ? undefined : linkOf(reason.link, construct, { stack, target });
  return {
    line,
    path: spelledPath(path),
    ...(value === undefined ? {} : { value }),
    construct: construct.node.path,
    ...(patch ? { why: 'what the stack file says by a patch' } : reason ? { why: reason.why } : {}),
    from: patch ? [] : originsOf(construct, reason?.from ?? [], { stack, support: target.support, placeOf }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(patch ? { patch: `${patch.op} ${patch.path}` } : {}),
    ...(reason?.source === undefined ? {} : { source: reason.source }),
  };
}

/** What runs beside an app has no chain of its own. */
function linkOf(
  link: NonNullable<Reason['link']>,
  construct: IConstruct,
  { stack, target }: Pick<Explained, 'stack' | 'target'>,
): TimeoutLink | undefined {
  if (!(construct instanceof AsgiApp) || construct instanceof Task) return undefined;
  const links = linksOf(construct, target.explanation.timeoutsOf(construct, stack));
  return links.find((one) => one.link === link);
}

/** A place without a reason of its own, which holds others that have theirs. */
function group({ path }: Subject, subjects: readonly Subject[]): Reason | undefined {
  const inside = subjects
    .filter((other) => other.path.length > path.length && path.every((name, at) => other.path[at] === name))
    .map((other) => other.path[path.length] ?? '');
  const names = [...new Set(inside)].filter((name) => name !== '[]');
  if (inside.length === 0) return undefined;
  return { why: names.length === 0 ? 'a list, of what follows' : `holds ${names.join(', ')}` };
}

/** The places of objects that the user added beside ours. */
function addedPlaces(places: readonly Place[], subjects: readonly Subject[], { target }: Explained): Set<Place> {
  const own = new Set<Place>();
  let object: Place[] = [];
  let isAdded = false;
  const end = () => {
    if (isAdded) for (const place of object) own.add(place);
    object = [];
    isAdded = false;
  };
  places.forEach((place, index) => {
    if (place.path[0] === '---') return end();
    object.push(place);
    const [kind, metadata, name, ...rest] = place.path;
    if (metadata !== 'metadata' || name !== 'name' || rest.length > 0) return;
    const added = target.explanation.addedTo?.(subjects[index]!.construct) ?? [];
    isAdded = added.some((one) => one.kind === kind && one.name === place.value);
  });
  end();
  return own;
}
