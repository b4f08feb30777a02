import { dependenciesOf } from '../../sources/discovery/dependencies.js';
import type { Project } from '../../sources/discovery/project.js';
import { newestDefaults } from '../../model/defaults.js';
import { readSource } from '../../sources/read-source.js';
import type { SourceReading } from '../../sources/source.js';
import { judge } from '../init/judge.js';
import { relativeSource } from './code.js';
import type { DraftApp, StackDraft } from './draft.js';

/** A draft that can be synthesized as far as its sources let it, and what remains to be done. */
export interface Mended {
  readonly draft: StackDraft;
  readonly accepted: readonly string[];
  readonly toDo: readonly string[];
}

/** Reads the source folders: what has no lock file is built by the Dockerfile that is there, and open versions are accepted. */
export function mended(directory: string, draft: StackDraft, project: Project): Mended {
  const apps = draft.apps.map((app) => judged(directory, app, project));
  const unpinned = apps.map((one) => one.unpinned).find((one) => one !== undefined);
  const accept = unpinned === undefined ? draft.accept : { 'source-floor': unpinned, ...draft.accept };
  const unique = (texts: readonly string[]) => [...new Set(texts)];
  return {
    draft: {
      ...draft,
      accept,
      apps: apps.map(({ app }) => app),
      notes: [...draft.notes, ...unique(apps.flatMap(({ app }) => unbuilt(app)))],
    },
    accepted: unique(apps.flatMap((one) => one.accepted)),
    toDo: unique(apps.flatMap((one) => one.toDo)),
  };
}

/** What somebody has written into a Dockerfile is in no image of ours. */
function unbuilt({ foundDockerfile, dockerfile }: DraftApp): string[] {
  if (foundDockerfile === undefined || dockerfile !== undefined) return [];
  return [
    `${foundDockerfile} is not built: each target has a Dockerfile of its own, written from the lock file; whatever else yours does is not in that image`,
  ];
}

interface Judged {
  readonly app: DraftApp;
  readonly unpinned: string | undefined;
  readonly accepted: readonly string[];
  readonly toDo: readonly string[];
}

function judged(directory: string, app: DraftApp, project: Project): Judged {
  const { source, module, factory, ownDockerfile } = app;
  if (source === undefined) return { app, unpinned: undefined, accepted: [], toDo: [] };
  const request = { directory, source: relativeSource(source), module, factory, exclude: ['out'] };
  const reading = readSource(request);
  if (ownDockerfile !== undefined && isUnlocked(reading)) {
    const own = readSource({ ...request, build: { dockerfile: ownDockerfile } });
    if (own.source) return { app: { ...app, dockerfile: ownDockerfile }, unpinned: undefined, accepted: [], toDo: [] };
  }
  return { app: withPython(app, reading), ...judge(reading, dependenciesOf(project, source)) };
}

/** The version of its Dockerfile, where the project names none itself. */
function withPython(app: DraftApp, { source }: SourceReading): DraftApp {
  const { python } = app;
  const isNeeded = python !== undefined && source?.python.from === 'default' && source.python.minor !== python;
  return { ...app, python: isNeeded && Object.hasOwn(newestDefaults().images.python, python) ? python : undefined };
}

/** Whether nothing can be built because of what the folder holds, and not because of the module. */
function isUnlocked({ source, complaints }: SourceReading): boolean {
  return source === undefined && complaints.every(({ prop }) => prop === 'source');
}
