import type { Dependencies } from './dependencies.js';
import { meanings, type Modules } from './modules.js';
import type { Application } from './applications.js';
import { pathFrom, type Finding } from './project.js';
import type { PythonModule } from './python-module.js';

/** A program that works beside an application. */
export interface FoundWorker {
  readonly kind: 'celery' | 'celery beat' | 'taskiq' | 'taskiq scheduler' | 'arq' | 'dramatiq' | 'rq';
  /** Words of the command that runs it in the source folder. */
  readonly command: readonly string[];
  readonly from: string;
}

/** Celery, taskiq, arq, dramatiq and rq, as far as the dependencies ask for them. */
export function workersOf(
  modules: Modules,
  files: readonly PythonModule[],
  { application, dependencies }: { readonly application: Application; readonly dependencies: Dependencies },
): FoundWorker[] {
  const named = (module: PythonModule) => importName(application.source, module.path);
  const asked = (name: string) => dependencies.has(name);
  return [
    ...(asked('celery') ? celery(modules, files, named) : []),
    ...(asked('taskiq') ? taskiq(modules, files, named) : []),
    ...(asked('arq') ? arq(files, named) : []),
    ...(asked('dramatiq') ? dramatiq(files, named) : []),
    ...(asked('rq') ? rq(dependencies.get('rq')) : []),
  ];
}

type Named = (module: PythonModule) => string;

/** As the file is imported in the source folder, where the image has `src` on its path. */
function importName(source: string, path: string): string {
  const below = pathFrom(source, path).replace(/^src\//, '');
  return below
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}

interface Made {
  readonly name: string;
  readonly callee: string;
  readonly module: PythonModule;
  readonly line: number;
}

/** Top-level names that are bound to a call of something from a package. */
function made(modules: Modules, files: readonly PythonModule[], pattern: RegExp): Made[] {
  return files.flatMap((module) =>
    module.bindings.flatMap(({ name, line, value }) => {
      if (value.kind !== 'call') return [];
      const [meaning] = meanings(modules, value.callee, { module });
      const callee = meaning?.kind === 'foreign' ? meaning.name : '';
      return pattern.test(callee) ? [{ name, line, module, callee }] : [];
    }),
  );
}

function celery(modules: Modules, files: readonly PythonModule[], named: Named): FoundWorker[] {
  const [app] = made(modules, files, /^celery\.(app\.base\.)?Celery$/);
  if (!app) return [];
  const from = `${app.module.path}:${app.line}`;
  const words = ['celery', '-A', `${named(app.module)}:${app.name}`];
  const beat = files.find(({ text }) => /\bbeat_schedule\b|\badd_periodic_task\b/.test(text));
  const beatLine = beat?.text.slice(0, beat.text.search(/\bbeat_schedule\b|\badd_periodic_task\b/)).split('\n').length;
  return [
    { kind: 'celery', command: [...words, 'worker', '--loglevel', 'info', '--concurrency', '2'], from },
    ...(beat
      ? [
          {
            kind: 'celery beat' as const,
            // The folder of the code is read-only.
            command: [...words, 'beat', '--loglevel', 'info', '--schedule', '/tmp/celerybeat-schedule'],
            from: `${beat.path}:${beatLine}`,
          },
        ]
      : []),
  ];
}

function taskiq(modules: Modules, files: readonly PythonModule[], named: Named): FoundWorker[] {
  const [broker] = made(modules, files, /^taskiq\w*(\.\w+)*\.\w*Broker$/);
  const [scheduler] = made(modules, files, /^taskiq(\.\w+)*\.TaskiqScheduler$/);
  const place = ({ module, name }: Made) => `${named(module)}:${name}`;
  return [
    ...(broker
      ? [
          {
            kind: 'taskiq' as const,
            command: ['taskiq', 'worker', place(broker), '--workers', '1', '--fs-discover'],
            from: `${broker.module.path}:${broker.line}`,
          },
        ]
      : []),
    ...(scheduler
      ? [
          {
            kind: 'taskiq scheduler' as const,
            command: ['taskiq', 'scheduler', place(scheduler)],
            from: `${scheduler.module.path}:${scheduler.line}`,
          },
        ]
      : []),
  ];
}

function arq(files: readonly PythonModule[], named: Named): FoundWorker[] {
  return files.flatMap((module) =>
    module.classes
      .filter(
        ({ name, fields }) =>
          name === 'WorkerSettings' ||
          (/Worker\w*Settings$/.test(name) && fields.some((one) => one.name === 'functions')),
      )
      .map(({ name, line }) => ({
        kind: 'arq' as const,
        command: ['arq', `${named(module)}.${name}`],
        from: `${module.path}:${line}`,
      })),
  );
}

function dramatiq(files: readonly PythonModule[], named: Named): FoundWorker[] {
  const actors = files.flatMap((module) => {
    const actor = module.functions.find(({ decorators }) =>
      decorators.some(({ callee }) => /^(dramatiq\.)?actor$/.test(callee)),
    );
    return actor ? [{ module, line: actor.line }] : [];
  });
  const [first] = actors;
  if (!first) return [];
  const command = ['dramatiq', ...actors.map(({ module }) => named(module)), '--processes', '1'];
  return [{ kind: 'dramatiq', command, from: `${first.module.path}:${first.line}` }];
}

/** It finds its Redis by the variable RQ_REDIS_URL. */
function rq(dependency: Finding | undefined): FoundWorker[] {
  return dependency ? [{ kind: 'rq', command: ['rq', 'worker'], from: dependency.from }] : [];
}
