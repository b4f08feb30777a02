import { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import { linksOf, type TimeoutLink } from '../model/timeouts.js';
import { deployedName, runningOf } from '../model/tree.js';
import { ACME } from '../targets/acme.js';
import type { HealthTime, ToldEdge, ToldMemory } from '../targets/explanation.js';
import { filePurpose } from '../targets/file-purposes.js';
import { sumOf, totalOf, type Footprint, type Total } from '../targets/footprint.js';
import { withFiles } from '../targets/subject.js';
import { kindOf } from '../targets/support.js';
import type { OutputFile, Target } from '../targets/target.js';

/** What runs of a stack on a target, and what it takes of it. */
export interface RunningPart extends Footprint, Total {
  /** Path of the construct; that of the stack for an edge of ours. */
  readonly construct: string;
  /** `AsgiApp`, `Worker`, …; `edge` for an edge of ours, `certificate` for what gets its certificate, `static` for the static files of an app. */
  readonly kind: string;
  /** What the memory of one container is made of. @default - it is one figure */
  readonly madeOf?: ToldMemory;
}

/** The times of one app. */
export interface AppTimes {
  readonly construct: string;
  readonly links: readonly TimeoutLink[];
  readonly health: readonly HealthTime[];
}

/** An output file and what it is for. */
export interface ToldFile {
  readonly path: string;
  readonly what: string;
}

/** A stack as it is on a target. */
export interface Overview {
  readonly stack: string;
  readonly name: string;
  readonly target: string;
  readonly what: string;
  readonly multiplies: string;
  readonly balances: string;
  readonly why: string;
  readonly edge: ToldEdge;
  readonly parts: readonly RunningPart[];
  readonly total: Total;
  readonly times: readonly AppTimes[];
  readonly files: readonly ToldFile[];
}

/** What runs of a stack on a target, why so, with its times, its memory, its ports and its files. */
export function overviewOf(
  stack: Stack,
  target: Pick<Target, 'name' | 'explanation' | 'footprint'>,
  files: readonly OutputFile[],
  stage?: string,
): Overview {
  const { what, multiplies, balances, why, edgeOf, timeoutsOf, healthOf } = target.explanation;
  const footprints = target.footprint(stack);
  return {
    stack: stack.name,
    name: deployedName(stack, stage),
    target: target.name,
    what,
    multiplies,
    balances,
    why,
    edge: edgeOf(stack),
    parts: footprints.map((footprint) => part(footprint, stack, target)),
    total: sumOf(footprints),
    times: stack.apps.map((app) => ({
      construct: app.node.path,
      links: linksOf(app, timeoutsOf(app, stack)),
      health: healthOf(app),
    })),
    files: files.map(({ path }) => ({ path, what: filePurpose(path, stack, target.explanation.files) ?? '' })),
  };
}

function part(footprint: Footprint, stack: Stack, { explanation }: Pick<Target, 'explanation'>): RunningPart {
  const construct = runningOf(stack).find(({ node }) => node.id === footprint.id);
  const madeOf = construct instanceof AsgiApp ? explanation.memoryOf(construct) : undefined;
  return {
    ...footprint,
    ...totalOf(footprint),
    construct: (construct ?? withFiles(footprint.id, stack) ?? stack).node.path,
    kind: construct === undefined ? besideOf(footprint.id, stack) : (kindOf(construct) ?? 'construct'),
    ...(madeOf === undefined ? {} : { madeOf }),
  };
}

/** What runs that is no construct. */
function besideOf(id: string, stack: Stack): string {
  if (id === ACME) return 'certificate';
  return withFiles(id, stack) ? 'static' : 'edge';
}
