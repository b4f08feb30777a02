import { oneLine, userError } from '../../errors.js';
import { writeOwnFiles } from '../../output.js';
import type { Application } from '../../sources/discovery/applications.js';
import { discover, type Discovery } from '../../sources/discovery/discover.js';
import { readProject } from '../../sources/discovery/read-project.js';
import { readSource } from '../../sources/read-source.js';
import type { System } from '../ci/request.js';
import { pipelineJson, pipelineTarget, tellPipeline, writePipeline, type WrittenPipeline } from '../ci/procedure.js';
import { printJson } from '../terminal.js';
import { filesBeside, nextCommands, refuseExisting } from './beside.js';
import { agreed, wantedBy, type PlannedFile } from './files.js';
import { foundIn, foundText } from './found-text.js';
import { judge, type Judgement } from './judge.js';
import { offeredHosts, offeredName } from './offers.js';
import { planStack, type StackPlan } from './plan.js';
import { askForApplication, askForHosts, askForName, type Ask } from './questions.js';
import { sourcePath, stackText } from './stack-text.js';

export type { Ask } from './questions.js';

/** What `synth init` knows of its command line. */
export interface Words {
  readonly yes?: boolean;
  /** Compose file that is taken over. */
  readonly from?: string;
  /** Whose pipeline is written as well. */
  readonly ci?: System;
  /** Where that pipeline deploys. */
  readonly target?: string;
  readonly stack?: string;
  readonly json?: boolean;
}

/** Finds the application, asks, and writes what is missing. */
export async function init(words: Words, ask: Ask | undefined): Promise<void> {
  const directory = process.cwd();
  const { discovery, others } = await chosen(directory, ask);
  const judgement = judged(directory, discovery);
  tell(words, foundText(foundIn(discovery, judgement.source)));
  for (const { module, source, from } of others)
    tell(words, `also there, and left out: ${oneLine(`${module} in ${sourcePath(source)}, ${from}`)}\n`);
  const plan = await planned(discovery, judgement, ask);
  const file = `stacks/${plan.name}.ts`;
  refuseExisting(directory, file);
  const beside = await agreed(filesBeside(directory, wantedBy(plan), file), { tell: (text) => tell(words, text), ask });
  const files = [{ path: file, before: undefined, content: stackText(plan) }, ...beside];
  writeOwnFiles(directory, files);
  const pipeline = words.ci && (await writePipeline({ ci: words.ci, target: pipelineTarget(words), stack: file }));
  report(words, { plan, judgement, files, pipeline, next: nextCommands(directory, { file, files }) });
}

interface Chosen {
  readonly discovery: Discovery;
  readonly others: readonly Application[];
}

async function chosen(directory: string, ask: Ask | undefined): Promise<Chosen> {
  const { applications, outer, about } = discover(readProject(directory));
  const [first] = applications;
  if (outer !== undefined)
    throw userError(
      `the application is ${outer}, of a package that begins above this folder; run synth init in the folder above the package`,
    );
  if (!first) throw userError(NOTHING_FOUND);
  const application = ask && applications.length > 1 ? await askForApplication(ask, applications) : first;
  return { discovery: about(application), others: applications.filter((one) => one !== application) };
}

const NOTHING_FOUND =
  'no FastAPI, Starlette, Litestar or Quart application found in this folder; run synth init where its code is, or name it in pyproject.toml: [tool.fastapi] entrypoint = "package.module:app"';

/** What synthesis will say of the source folder. */
function judged(directory: string, { application, dependencies }: Discovery): Judgement {
  const { source, module, factory } = application;
  return judge(readSource({ directory, source: sourcePath(source), module, factory, exclude: ['out'] }), dependencies);
}

async function planned(discovery: Discovery, { unpinned }: Judgement, ask: Ask | undefined): Promise<StackPlan> {
  const [nameOffered, hostsOffered] = [offeredName(discovery.name.value), offeredHosts(discovery)];
  const name = ask ? await askForName(ask, nameOffered) : nameOffered;
  const hosts = ask ? await askForHosts(ask, hostsOffered) : hostsOffered;
  return planStack({ discovery, name, hosts, unpinned });
}

interface Result {
  readonly plan: StackPlan;
  readonly judgement: Judgement;
  readonly files: readonly PlannedFile[];
  readonly pipeline: WrittenPipeline | undefined;
  readonly next: readonly string[];
}

function report(words: Words, { plan, judgement, files, pipeline, next }: Result): void {
  const written = [...files.map(({ path }) => path), ...(pipeline?.written ?? [])];
  const standIns = plan.environment.filter(({ isStandIn }) => isStandIn).map(({ name }) => name);
  if (words.json) {
    const { application } = plan.discovery;
    printJson({
      ok: true,
      stack: plan.name,
      application: { module: application.module, factory: application.factory, source: application.source },
      found: foundIn(plan.discovery, judgement.source),
      written,
      standIns,
      notes: [...judgement.accepted, ...plan.notes],
      toDo: judgement.toDo,
      ...(pipeline && pipelineJson(pipeline)),
      next,
    });
    return;
  }
  process.stdout.write(written.map((path) => `${path}\n`).join(''));
  if (standIns.length > 0)
    tell(words, `${written[0]} has stand-ins for ${oneLine(standIns.join(', '))}: write the real values there\n`);
  for (const one of judgement.accepted) tell(words, `accepted for now: ${oneLine(one)}\n`);
  for (const one of plan.notes) tell(words, `note: ${oneLine(one)}\n`);
  if (pipeline) tellPipeline(pipeline);
  for (const one of judgement.toDo) tell(words, `first: ${oneLine(one)}\n`);
  for (const one of next) tell(words, `next: ${one}\n`);
}

function tell({ json }: Words, text: string): void {
  if (!json) process.stderr.write(text);
}
