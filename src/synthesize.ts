import type { IConstruct } from 'constructs';
import { statSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { UserError, type Complaint } from './errors.js';
import { ConfigFile } from './model/config-file.js';
import { meantOrKnown } from './model/closest.js';
import { Job } from './model/job.js';
import { mistakesBelow, type Mistake } from './model/mistakes.js';
import { positionOf } from './model/position.js';
import { Schedule } from './model/schedule.js';
import { Stack } from './model/stack.js';
import { stagesOf } from './model/stages.js';
import { treeMistakes } from './model/tree-checks.js';
import {
  configFilesOf,
  deployedName,
  runningOf,
  secretsOf,
  staticId,
  tasksOf,
  volumesOf,
  withStatic,
} from './model/tree.js';
import { DNS_LABEL, IMAGE_REFERENCE, show } from './model/values.js';
import { secretLookingVariables } from './model/leaks.js';
import { readSources, type ReadSources, type ReadSourcesOptions } from './sources/read-sources.js';
import { largeFiles } from './targets/config-files.js';
import { THIRD_PARTY_NAMES } from './targets/images.js';
import { targets, type TargetName } from './targets/index.js';
import { PROBLEMS } from './targets/problems.js';
import type { OutputFile, Problem, SynthesizeOptions, Target } from './targets/target.js';

/**
 * The files that deploy `stack` on a target. Reads the source folders of the stack, and nothing else; writes nothing.
 *
 * Throws a `UserError` with everything that is wrong with the stack, and every problem of the target that the stack
 * does not accept.
 */
export function synthesize(stack: Stack, target: TargetName, options: SynthesizeOptions = {}): OutputFile[] {
  return synthesizeFrom(sourceReader(stack, options), stack, target, options);
}

/** Reads the sources of a stack when they are first asked for, and only once. */
export function sourceReader(stack: Stack, options: SynthesizeOptions): () => ReadSources {
  let read: ReadSources | undefined;
  return () => (read ??= readSources(stack, projectRoot(stack), sourceOptions(options)));
}

/** The folders of the outputs may be inside a source folder: they are no part of what is built. */
function sourceOptions({ out, images = {} }: SynthesizeOptions): ReadSourcesOptions {
  return {
    exclude: out === undefined ? [] : targets.map(({ name }) => posix.join(posix.dirname(out), name)),
    pythonImage: Object.hasOwn(images, 'python') ? images['python'] : undefined,
  };
}

/** `synthesize` for several targets, whose sources are read once. */
export function synthesizeFrom(
  readOnce: () => ReadSources,
  stack: Stack,
  target: TargetName,
  options: SynthesizeOptions,
): OutputFile[] {
  const chosen = findTarget(target);
  const read = readChecked(readOnce, stack, options);
  refuse(unaccepted(stack, problemsOf(stack, chosen, read)));
  return chosen.synthesize(stack, { ...options, sources: read.sources, texts: read.texts });
}

/** The sources of a stack that has no mistake, whatever a target makes of it. Throws a `UserError` with every mistake. */
export function readChecked(readOnce: () => ReadSources, stack: Stack, options: SynthesizeOptions): ReadSources {
  const wrong = [...mistakesBelow(stack), ...treeMistakes(stack), ...rootMistakes(stack)];
  refuse([...checkOptions(options, stack), ...wrong.map(asComplaint)]);
  const { sources, texts = new Map() } = options;
  const read = sources ? { sources, texts, mistakes: [], floors: [] } : readOnce();
  refuse(read.mistakes.map(asComplaint));
  return read;
}

/** Throws a `UserError` with every mistake that shows without the sources. */
export function refuseMistakes(stack: Stack): void {
  refuse([...mistakesBelow(stack), ...treeMistakes(stack)].map(asComplaint));
}

/** Every problem of a target with a stack, accepted or not. */
export function problemsOf(stack: Stack, target: Target, read?: ReadSources): Problem[] {
  const { floors, texts } = read ?? readSources(stack, projectRoot(stack));
  return [
    ...leaks(stack),
    ...floors.filter(({ target: only }) => only === undefined || only === target.name),
    ...largeFiles(stack, target, texts),
    ...target.problems(stack),
  ];
}

function findTarget(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found) return found;
  throw new UserError([
    { message: `unknown target ${show(name)}; known are ${targets.map((target) => target.name).join(', ')}` },
  ]);
}

/** Absolute folder to which the paths of a stack are relative. */
export function projectRoot(stack: Stack): string {
  return resolve(stack.directory ?? '.');
}

function rootMistakes(stack: Stack): Mistake[] {
  const root = projectRoot(stack);
  if (isFolder(root)) return [];
  return [{ construct: stack, message: `directory must be a folder that is there, got ${show(stack.directory)}` }];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function refuse(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new UserError(inOrder(complaints));
}

/** From the top of the file to its end; what has no place comes first. */
export function inOrder(complaints: readonly Complaint[]): Complaint[] {
  const place = ({ position }: Complaint) =>
    [position?.file ?? '', position?.line ?? 0, position?.column ?? 0] as const;
  return complaints.toSorted((one, other) => {
    const [a, b] = [place(one), place(other)];
    return a[0] === b[0] ? a[1] - b[1] || a[2] - b[2] : a[0] < b[0] ? -1 : 1;
  });
}

function asComplaint({ construct, message, position = positionOf(construct) }: Mistake): Complaint {
  return { position, path: construct.node.path, message };
}

function checkOptions(options: SynthesizeOptions, stack: Stack): Complaint[] {
  const { stage, tag, images = {} } = options;
  const complaints: string[] = [];
  if (stage !== undefined && !DNS_LABEL.test(stage)) {
    complaints.push(
      `the stage must be lower-case letters, digits and hyphens, with no hyphen at an end (DNS-1123 label), got ${show(stage)}`,
    );
  } else {
    complaints.push(...longNames(stack, deployedName(stack, stage)));
  }
  if (tag !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/.test(tag)) {
    complaints.push(`the tag must be letters, digits, "_", "." and "-", at most 101, got ${show(tag)}`);
  } else if (tag === 'latest') {
    complaints.push(
      'the tag must not be latest: what runs could not be told from what ran before; leave it out for a hash of the content',
    );
  }
  for (const [name, reference] of Object.entries(images)) {
    if (!IMAGE_REFERENCE.test(reference))
      complaints.push(
        `image ${show(name)} must be an image reference such as "ghcr.io/acme/api:1.4.2", got ${show(reference)}`,
      );
  }
  const stages = stagesOf(stack);
  const unknown = unknownImages(images, [
    ...stack.apps.map(({ node }) => node.id),
    ...withStatic(stack).map(staticId),
    ...THIRD_PARTY_NAMES,
  ]);
  return [
    ...[...complaints, ...unknown].map((message) => ({ message })),
    ...(stages && stages.stage !== stage ? [asComplaint(otherStage(stack, stages.stage, stage))] : []),
    ...unknownImages(stack.images, THIRD_PARTY_NAMES).map((message) => asComplaint({ construct: stack, message })),
  ];
}

function otherStage(construct: Stack, described: string | undefined, asked: string | undefined): Mistake {
  const word = (stage: string | undefined) => (stage === undefined ? 'no stage' : `the stage ${show(stage)}`);
  const message = `the stack was made for ${word(described)}, but ${word(asked)} is asked for; name the same one in both places`;
  return { construct, message };
}

/** Docker takes at most 63 characters for a service and 64 for a config or secret, Kubernetes 63 for a Service, and a job is named by its release or its tick too. */
function longNames(stack: Stack, name: string): string[] {
  if (name.length > 44)
    return [
      `the deployed name ${show(name)} has ${name.length} characters, at most 44 are possible; shorten the stack's name or the stage`,
    ];
  const named = [...runningOf(stack), ...volumesOf(stack), ...secretsOf(stack), ...configFilesOf(stack)];
  return [
    ...named.map((construct) => ({
      own: `${name}-${construct.node.id}`,
      most: longestName(construct),
    })),
    // With a hash behind it, it names a config of a Swarm.
    ...withStatic(stack).map((app) => ({ own: `${name}-${staticId(app)}`, most: 50 })),
  ]
    .filter(({ own, most }) => own.length > most)
    .map(
      ({ own, most }) =>
        `the name ${show(own)} has ${own.length} characters, at most ${most} are possible; shorten the id, the stack's name or the stage`,
    );
}

function longestName(construct: IConstruct): number {
  // On a Swarm `_file` and a hash are part of it.
  if (construct instanceof ConfigFile) return 46;
  return construct instanceof Job || construct instanceof Schedule ? 50 : 60;
}

function unknownImages(images: Readonly<Record<string, string>>, known: readonly string[]): string[] {
  return Object.keys(images)
    .filter((name) => !known.includes(name))
    .map((name) => `image ${show(name)} belongs to nothing in the stack; ${meantOrKnown(name, known)}`);
}

function leaks(stack: Stack): Problem[] {
  const given = [
    ...stack.apps.map((app) => [app, app.environment] as const),
    ...tasksOf(stack).map((task) => [task, task.ownEnvironment] as const),
  ];
  return given.flatMap(([construct, environment]) =>
    secretLookingVariables(environment).map((name): Problem => ({
      id: 'secret-in-environment',
      construct,
      prop: 'environment',
      message: `environment.${name} looks like a secret, which every output would show; use secrets: [new Secret(stack, ${show(name.toLowerCase())}, { as: 'environment' })]`,
    })),
  );
}

/** The problems that the stack does not accept, as complaints that say how it could. */
function unaccepted(stack: Stack, problems: readonly Problem[]): Complaint[] {
  const known = Object.keys(PROBLEMS);
  const unknown = Object.keys(stack.accept).filter((id) => !known.includes(id));
  return [
    ...unknown.map((id) => {
      const message = `accept names an unknown problem ${show(id)}; ${meantOrKnown(id, known)}`;
      return asComplaint({ construct: stack, message });
    }),
    ...problems
      .filter(({ id }) => !Object.hasOwn(stack.accept, id))
      .map(({ construct, id, message }) =>
        asComplaint({ construct, message: `${message} (to accept it, give the stack accept: { '${id}': 'why' })` }),
      ),
  ];
}
