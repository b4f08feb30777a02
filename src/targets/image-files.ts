import { appDockerfile, isBuilt, sourceOf, type Context } from './context.js';
import { staticImageFiles } from './statics.js';
import type { OutputFile } from './target.js';

/** The Dockerfile of each app that is built and has none of its own, with what its build leaves out. */
export function imageFiles(context: Context): OutputFile[] {
  const apps = context.stack.apps
    .filter((app) => isBuilt(app, context) && app.build.dockerfile === undefined)
    .flatMap((app) => [
      { path: `${app.node.id}/Dockerfile`, content: appDockerfile(app, context) },
      { path: `${app.node.id}/Dockerfile.dockerignore`, content: sourceOf(app, context).dockerignore },
    ]);
  return [...apps, ...staticImageFiles(context)];
}
