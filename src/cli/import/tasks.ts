import { dependenciesIn, type ComposeFile, type ComposeService } from '../../sources/compose/compose-file.js';
import { entryAt, textAt } from '../../sources/compose/node.js';
import { taskKind, taskWords } from '../../sources/compose/task-command.js';
import type { DraftTask, DraftVariable, RoledService } from './draft.js';
import { shellWord } from '../../targets/context.js';
import type { Names } from './names.js';
import { placeOf, type Notebook } from './notebook.js';
import { composeSeconds, cpuOf, memoryOf, replicasOf } from './resources.js';

/** A task and the service that it comes from. */
export interface FoundTask {
  readonly task: Omit<DraftTask, 'environment'>;
  readonly one: RoledService;
}

interface AppOf {
  readonly one: RoledService;
  readonly id: string;
}

export interface TaskPlace {
  readonly compose: ComposeFile;
  readonly apps: readonly AppOf[];
  readonly services: readonly RoledService[];
  readonly names: Names;
  readonly book: Notebook;
}

/** Workers and jobs, each of the app that has the same image. */
export function tasksOf(services: readonly RoledService[], place: TaskPlace): FoundTask[] {
  return [
    ...place.apps.flatMap((app) => beforeServer(app, place)),
    ...services.flatMap((one) => (one.role === 'worker' || one.role === 'job' ? ofService(one, place) : [])),
  ];
}

/** `alembic upgrade head && uvicorn …`: what comes first runs once a release, and not in each process. */
function beforeServer({ one, id }: AppOf, { names, book }: TaskPlace): FoundTask[] {
  const steps = one.before
    .filter(([first = '']) => !/^(cd|echo|sleep|export|mkdir|chmod|chown)$|wait/.test(first))
    .map(taskWords);
  if (steps.length === 0) return [];
  const [only = []] = steps;
  const line = steps.map((step) => step.map(shellWord).join(' ')).join(' && ');
  const jobId = names.idFor(steps.some((step) => taskKind(step) === 'migration') ? 'migrate' : 'prepare', 'job');
  book.note(
    `${one.commandAt ?? placeOf(one.service.at)} runs ${line} at each start: here it is a Job, which runs once a release`,
  );
  const frame = {
    id: jobId,
    kind: 'job' as const,
    app: id,
    command: steps.length === 1 ? only : ['sh', '-c', line],
    from: one.commandAt ?? placeOf(one.service.at),
  };
  return [{ one, task: { ...frame, ...NO_LIMITS, gracePeriod: undefined, runBefore: [], isScheduler: false } }];
}

const NO_LIMITS = { processes: undefined, memory: undefined, cpu: undefined };

function ofService(one: RoledService, place: TaskPlace): FoundTask[] {
  const { service, command } = one;
  const { id, at, node } = service;
  const app = appFor(one, place);
  if (!app) {
    place.book.lose(
      at,
      `services.${id}`,
      'it runs in an image of its own, and a Worker or Job has that of an app; build both from one folder',
    );
    return [];
  }
  const words = wordsOf(one);
  if (words.length === 0) {
    place.book.lose(at, `services.${id}`, 'no command says what it runs; write a Worker or a Job for it');
    return [];
  }
  const isJob = one.role === 'job';
  speakOfOthers(one, words, place);
  const waiting = place.apps.filter((each) => isJob && waitsFor(each.one.service, id, place.compose));
  const grace = composeSeconds(textAt(node, 'stop_grace_period') ?? '');
  const replicas = replicasOf(node);
  if (
    words[0] === 'celery' &&
    words.includes('worker') &&
    !words.some((word) => /^(-c|--concurrency|--autoscale|-P|--pool)/.test(word))
  )
    place.book.note(
      `${id}: without --concurrency Celery starts as many processes as the machine has cores, and all of them share one memory limit`,
    );
  const others = (command?.steps ?? []).slice(0, -1).filter((step) => taskKind(step) !== undefined);
  if (others.length > 0 && words[0] !== 'sh')
    place.book.note(
      `${id} runs ${others.map((step) => step.join(' ')).join(' and ')} first, which stays in its command`,
    );
  return [
    {
      one,
      task: {
        id: place.names.idFor(id, isJob ? 'job' : 'worker'),
        kind: isJob ? 'job' : 'worker',
        app: app.id,
        command: words,
        processes: isJob || replicas === 1 ? undefined : replicas,
        memory: memoryOf(node, 1),
        cpu: cpuOf(node, 1),
        gracePeriod: grace !== undefined && grace >= 1 && grace <= 86_400 ? grace : undefined,
        runBefore: waiting.some((each) => each.id !== app.id) ? waiting.map((each) => each.id) : [],
        isScheduler: taskKind(command?.steps?.at(-1) ?? []) === 'scheduler',
        from: placeOf(at),
      },
    },
  ];
}

/** What a command says of services beside it, and what a job waits for. */
function speakOfOthers(
  { service, role }: RoledService,
  words: readonly string[],
  { compose, services, book }: TaskPlace,
): void {
  for (const { id } of compose.services)
    if (words.some((word) => new RegExp(`(://|@)${id}\\b`).test(word)))
      book.note(
        `${service.id}: its command names the host ${id}, which has another name in a cluster, and a password: let it read the URL from a variable of connections`,
      );
  if (role !== 'job') return;
  for (const [id] of dependenciesIn(service))
    if (services.some((one) => one.role === 'job' && one.service.id === id))
      book.lose(
        entryAt(service.node, 'depends_on')?.at ?? service.at,
        `services.${service.id}.depends_on`,
        `it waits for ${id}, and Jobs have no order among themselves: make one Job of both`,
      );
}

/** One command goes without a shell. */
function wordsOf({ command }: RoledService): readonly string[] {
  const steps = (command?.steps ?? []).filter((step) => !/^(cd|echo|sleep)$/.test(step[0] ?? ''));
  const [only] = steps;
  return steps.length === 1 && only ? taskWords(only) : (command?.words ?? []);
}

/** The app that is built from the same place, or has the same image; where there is only one app, a service without a build is its own. */
function appFor(one: RoledService, { apps }: TaskPlace): AppOf | undefined {
  const same = apps.find(
    (each) =>
      (one.build &&
        one.build.context === each.one.build?.context &&
        one.build.dockerfile === each.one.build.dockerfile) ||
      (one.image !== undefined && one.image === each.one.image),
  );
  if (same) return same;
  return apps.find((each) => one.build && one.build.context === each.one.build?.context);
}

/** Whether one service waits, perhaps through others, until another has ended well. */
function waitsFor(
  service: ComposeService,
  wanted: string,
  compose: ComposeFile,
  seen: readonly string[] = [],
): boolean {
  return [...dependenciesIn(service)].some(([id, condition]) => {
    if (id === wanted) return condition === 'service_completed_successfully';
    const next = compose.services.find((one) => one.id === id);
    return (
      next !== undefined &&
      !seen.includes(id) &&
      condition === 'service_completed_successfully' &&
      waitsFor(next, wanted, compose, [...seen, id])
    );
  });
}

/** Variables that a task has and its app has not, or not so. */
export function ownVariables(all: readonly DraftVariable[], ofApp: readonly DraftVariable[]): DraftVariable[] {
  return all.filter(({ name, value }) => ofApp.find((one) => one.name === name)?.value !== value);
}
