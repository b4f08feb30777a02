import { oneLine } from '../../errors.js';
import { writeOwnFiles } from '../../output.js';
import { discover } from '../../sources/discovery/discover.js';
import type { Project } from '../../sources/discovery/project.js';
import { readProject } from '../../sources/discovery/read-project.js';
import { filesBeside, nextCommands, refuseExisting } from '../init/beside.js';
import { agreed } from '../init/files.js';
import { foundIn, foundText, type Found } from '../init/found-text.js';
import type { Words as InitWords } from '../init/procedure.js';
import { askForHosts, askForName, type Ask } from '../init/questions.js';
import { pipelineJson, pipelineTarget, tellPipeline, writePipeline } from '../ci/procedure.js';
import { printJson } from '../terminal.js';
import { combined } from './combine.js';
import type { DraftApp, StackDraft } from './draft.js';
import { mended } from './mend.js';
import { asJson, draftReport, lastLines, readDraft, wantedOf } from './procedure.js';
import { draftText } from './text.js';

/** `synth init --from compose.yaml`: what Compose runs, together with what the code tells. */
export async function initFrom(named: string, words: InitWords, ask: Ask | undefined): Promise<void> {
  const directory = process.cwd();
  const project = readProject(directory);
  const { draft: read, accepted, toDo } = mended(directory, readDraft(directory, named, project), project);
  const { draft: together, conflicts, found } = withCode(read, project);
  const tell = (text: string) => void (words.json || process.stderr.write(text));
  tell(foundText(found) + draftReport(together));
  for (const one of conflicts) tell(`conflict: ${oneLine(one)}\n`);
  const draft = await answered(together, ask);
  const file = `stacks/${draft.name}.ts`;
  refuseExisting(directory, file);
  const beside = await agreed(filesBeside(directory, wantedOf(draft), file), { tell, ask });
  const files = [{ path: file, before: undefined, content: draftText(draft) }, ...beside];
  writeOwnFiles(directory, files);
  const pipeline = words.ci && (await writePipeline({ ci: words.ci, target: pipelineTarget(words), stack: file }));
  const written = [...files.map(({ path }) => path), ...(pipeline?.written ?? [])];
  const result = { draft, written, accepted, toDo, next: nextCommands(directory, { file, files }) };
  if (words.json) return printJson({ ...asJson(result), found, conflicts, ...(pipeline && pipelineJson(pipeline)) });
  process.stdout.write(written.map((path) => `${path}\n`).join(''));
  if (pipeline) tellPipeline(pipeline);
  tell(lastLines(result));
}

interface WithCode {
  readonly draft: StackDraft;
  readonly conflicts: readonly string[];
  readonly found: readonly Found[];
}

/** A draft with what the code of each of its apps tells. */
function withCode(read: StackDraft, project: Project): WithCode {
  const { applications, about } = discover(project);
  return read.apps.reduce(
    (sum: WithCode, app) => {
      const application = applications.find(({ source, module }) => source === app.source && module === app.module);
      if (!application) return sum;
      const discovery = about(application);
      const { draft, conflicts } = combined(sum.draft, app, discovery);
      const found = foundIn(discovery, undefined).filter(isOfCode);
      return { draft, conflicts: [...sum.conflicts, ...conflicts], found: [...sum.found, ...found] };
    },
    { draft: read, conflicts: [], found: [] },
  );
}

/** What Compose has a word of its own for is in its report. */
function isOfCode({ what }: Found): boolean {
  return !['name', 'Compose file', 'Dockerfile'].includes(what);
}

/** The name, and the hosts where nothing names any. */
async function answered(draft: StackDraft, ask: Ask | undefined): Promise<StackDraft> {
  if (!ask) return draft;
  const name = await askForName(ask, draft.name);
  const [open, ...others] = draft.apps.filter(({ hosts }) => hosts.length === 0);
  if (!open || others.length > 0) return { ...draft, name };
  const hosts = await askForHosts(ask, []);
  const apps = draft.apps.map((app): DraftApp => (app === open ? { ...app, hosts, hostsFrom: '' } : app));
  return { ...draft, name, apps };
}
