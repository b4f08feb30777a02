import { posix } from 'node:path';
import type { Application } from '../../sources/discovery/applications.js';
import { isBelow } from '../../sources/discovery/project.js';
import type { KnownCode } from './roles.js';

/** What an app is made from: folder, import string, and what else the code says of that. */
export interface Origin {
  readonly source: string;
  readonly module: string;
  readonly factory: boolean;
  readonly from: string;
  readonly pythonPath: string | undefined;
  /** The application in the code; undefined where it was not found there. */
  readonly application: Application | undefined;
}

/** Applications that the code holds, the likeliest first. */
export class Code implements KnownCode {
  private readonly applications: readonly Application[];

  constructor(applications: readonly Application[]) {
    this.applications = applications;
  }

  holdsApplication(folder: string): boolean {
    return this.in(folder).length > 0;
  }

  /** The application that a server of this folder is told to serve; without a module the one that it would find. */
  originOf(context: string, wanted: Wanted): Origin | undefined {
    const all = this.in(context);
    const { module } = wanted;
    if (module === undefined) return all[0] && ofApplication(all[0], all[0].from);
    const exact = all.find((one) => one.module === module);
    const here = exact || !this.isFileOf(context, module) ? undefined : all.find((one) => isSame(one, module));
    // What the folder of the image holds under that name is what the container serves.
    if (here) return { ...ofApplication(here, wanted.from), source: context, module, pythonPath: undefined };
    const same = exact ?? all.find((one) => isSame(one, module));
    return same && { ...ofApplication(same, wanted.from), factory: wanted.factory || same.factory };
  }

  private isFileOf(folder: string, module: string): boolean {
    const path = posix.join(folder, (module.split(':')[0] ?? '').replaceAll('.', '/'));
    return this.applications.some(({ file }) => file === `${path}.py` || file === `${path}/__init__.py`);
  }

  /** Those in a folder or below it. The context of an image is often the root of a workspace. */
  private in(folder: string): Application[] {
    return this.applications.filter(
      ({ source, file }) => isBelow(folder, source) || (file !== undefined && isBelow(folder, file)),
    );
  }
}

interface Wanted {
  readonly module: string | undefined;
  readonly factory: boolean;
  readonly from: string;
}

function ofApplication(application: Application, from: string): Origin {
  const { source, module, factory, pythonPath } = application;
  return { source, module, factory, from, pythonPath, application };
}

/** `app.main:app` is what a container serves as `main:app` from inside the package, or the other way round. */
function isSame({ module }: Application, wanted: string): boolean {
  return module.endsWith(`.${wanted}`) || wanted.endsWith(`.${module}`);
}

/** A path inside a folder of the project, as an app names it. */
export function relativeSource(folder: string): string {
  return folder === '.' ? '.' : `./${posix.normalize(folder)}`;
}
