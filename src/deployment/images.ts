import type { Stack } from '../model/stack.js';
import { withStatic } from '../model/tree.js';
import { imageBuilds, type ImageBuild } from '../targets/builds.js';
import {
  appImage,
  baseImage,
  contextOf,
  isBuilt,
  thirdPartyImage,
  withoutDigest,
  type Context,
} from '../targets/context.js';
import { databaseContainer } from '../targets/databases.js';
import { hasOwnEdge } from '../targets/edge.js';
import type { TargetName } from '../targets/index.js';
import { hasNginx } from '../targets/kubernetes/cluster.js';
import { isStaticBuilt, staticImage } from '../targets/statics.js';
import type { SynthesizeOptions } from '../targets/target.js';

/** The images that `synth build` makes for a target. `options` must carry the sources. */
export function buildsOf(stack: Stack, target: TargetName, options: SynthesizeOptions): ImageBuild[] {
  return imageBuilds(contextFor(stack, target, options));
}

/** The images that an output of a stack names, without digests. */
export interface UsedImages {
  /** Those of others, and what ours are built on. */
  readonly foreign: readonly string[];
  /** Those that `synth build` makes and can push. */
  readonly built: readonly string[];
  /** Those that stay on the machine that builds them, since the stack names no registry. */
  readonly local: readonly string[];
}

/** The images of several outputs together. */
export function allImages(used: readonly UsedImages[]): UsedImages {
  return {
    foreign: distinct(used.flatMap(({ foreign }) => foreign)),
    built: distinct(used.flatMap(({ built }) => built)),
    local: distinct(used.flatMap(({ local }) => local)),
  };
}

export function imagesOf(stack: Stack, target: TargetName, options: SynthesizeOptions): UsedImages {
  const context = contextFor(stack, target, options);
  const built = stack.apps.filter((app) => isBuilt(app, context));
  const statics = withStatic(stack);
  const files = statics.filter((app) => isStaticBuilt(app, context));
  const ours = distinct([
    ...built.map((app) => appImage(app, context)),
    ...files.map((app) => staticImage(app, context)),
  ]);
  const ownEdge = target === 'kubernetes' ? hasNginx(stack) : hasOwnEdge(stack);
  return {
    foreign: distinct([
      ...(ownEdge || files.length > 0 ? [thirdPartyImage('nginx', context)] : []),
      ...statics.filter((app) => !files.includes(app)).map((app) => staticImage(app, context)),
      ...stack.databases.map((database) => databaseContainer(database, context).image),
      ...built.filter((app) => app.build.dockerfile === undefined).map((app) => baseImage(app, context)),
      ...stack.apps.filter((app) => !built.includes(app)).map((app) => appImage(app, context)),
    ]),
    ...(stack.registry === undefined ? { built: [], local: ours } : { built: ours, local: [] }),
  };
}

/** Each once; one that is named by a digest already needs none. */
function distinct(references: readonly string[]): string[] {
  return [...new Set(references.map(withoutDigest))].toSorted();
}

function contextFor(stack: Stack, target: TargetName, options: SynthesizeOptions): Context {
  return contextOf(stack, target, target === 'bare-metal' ? 'gunicorn' : 'uvicorn', options);
}
