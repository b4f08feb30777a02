import { posix } from 'node:path';
import type { ComposeMount } from '../../../formats/compose.js';
import type { AsgiApp } from '../../../model/app.js';
import { schedulesOf, workersOf } from '../../../model/tree.js';
import { fromOutput, isBuilt, sourceOf, type Context } from '../../context.js';
import { isMounted, isReloading } from './context.js';

/** The source folder in the place of what the image holds of it. Read-only, as the image is when it is deployed. */
export function sourceMounts(app: AsgiApp, context: Context): ComposeMount[] {
  if (!isMounted(app, context)) return [];
  const source = fromOutput(sourceFolder(app, context), context);
  return [{ type: 'bind', source, target: '/app', read_only: true, bind: { create_host_path: false } }];
}

/** A project that is installed is imported from where it is installed, unless its source comes first. */
export function importPath(app: AsgiApp, context: Context): Record<string, string> {
  if (!isMounted(app, context)) return {};
  const { dependencies, importRoot } = sourceOf(app, context);
  if (importRoot === '.' && !dependencies?.project) return {};
  return { PYTHONPATH: posix.join('/app', importRoot) };
}

/** Source folder of an app, relative to the project root. */
function sourceFolder(app: AsgiApp, context: Context): string {
  const source = sourceOf(app, context);
  return posix.join(source.context, source.folder);
}

/** What must happen where files change that no process looks at itself. */
export interface ChangeRule {
  /** `rebuild`: the images, with what is installed. `restart`: the containers. */
  readonly action: 'rebuild' | 'restart';
  /** Keys of the services that change. */
  readonly services: readonly string[];
  /** Files, and folders with all that is below them; relative to the project root. */
  readonly paths: readonly string[];
}

/** What to do where the files of a stack change, its stack file aside. */
export function changeRules(context: Context): ChangeRule[] {
  const built = context.stack.apps.filter((app) => isBuilt(app, context));
  return built.flatMap((app) => [
    { action: 'rebuild' as const, services: servicesOf(app, context), paths: rebuildPaths(app, context) },
    ...restartRule(app, context),
  ]);
}

/** The app, and what runs beside it all the time. */
function servicesOf(app: AsgiApp, { stack }: Context): string[] {
  const beside = [...workersOf(stack), ...schedulesOf(stack)].filter((one) => one.app === app);
  return [app, ...beside].map(({ node }) => node.id);
}

function restartRule(app: AsgiApp, context: Context): ChangeRule[] {
  if (!isMounted(app, context)) return [];
  const services = servicesOf(app, context).filter((id) => id !== app.node.id || !isReloading(app, context));
  return services.length === 0 ? [] : [{ action: 'restart', services, paths: [sourceFolder(app, context)] }];
}

/** What the image holds and no mount covers: dependencies, other members of a workspace; all, where the Dockerfile is not ours. */
export function rebuildPaths(app: AsgiApp, context: Context): string[] {
  const { context: root, folder, dependencies, dockerfile } = sourceOf(app, context);
  if (dockerfile !== undefined || dependencies === undefined) return [root];
  const { lock, files, members } = dependencies;
  const own = posix.join(root, folder);
  return [...new Set([lock, ...files, ...members].map((path) => posix.join(root, path)))].filter(
    (path) => path !== own && path !== root,
  );
}
