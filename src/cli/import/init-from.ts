import { oneLine } from '../../errors.js';
import { writeOwnFiles } from '../../output.js';
import { discover } from '../../sources/discovery/discover.js';
import { readProject } from '../../sources/discovery/read-project.js';
import { filesBeside, nextCommands, refuseExisting } from '../init/beside.js';
import { agreed } from '../init/files.js';
import { foundIn, foundText, type Found } from '../init/found-text.js';
import { askForHosts, askForName, type Ask } from '../init/questions.js';
import { printJson } from '../terminal.js';
import { combined } from './combine.js';
import type { DraftApp, StackDraft } from './draft.js';
import { mended } from './mend.js';
import { asJson, draftReport, readDraft, wantedOf, type Words } from './procedure.js';
import { draftText } from './text.js';

/** `synth init --from compose.yaml`: what Compose runs, together with what the code tells. */
export async function initFrom(named: string, words: Words, ask: Ask | undefined): Promise<void> {
  const directory = process.cwd();
  const project = readProject(directory);
  const { draft: read, accepted, toDo } = mended(directory, readDraft(directory, named, project), project);
  const { applications, about } = discover(project);
  const known = read.apps.flatMap((app) => {
    const application = applications.find(({ source, module }) => source === app.source && module === app.module);
    return application ? [{ app, discovery: about(application) }] : [];
  });
  const found = known.flatMap(({ discovery }) => foundIn(discovery, undefined).filter(isOfCode));
  const together = known.reduce(
    (sum, { app, discovery }) => {
      const next = combined(sum.draft, app, discovery);
      return { draft: next.draft, conflicts: [...sum.conflicts, ...next.conflicts] };
    },
    { draft: read, conflicts: [] as readonly string[] },
  );
  const tell = (text: string) => void (words.json || process.stderr.write(text));
  tell(foundText(found));
  tell(draftReport(together.draft));
  for (const one of together.conflicts) tell(`conflict: ${oneLine(one)}\n`);
  const draft = await answered(together.draft, ask);
  const file = `stacks/${draft.name}.ts`;
  refuseExisting(directory, file);
  const beside = await agreed(filesBeside(directory, wantedOf(draft), file), { tell, ask });
  const files = [{ path: file, before: undefined, content: draftText(draft) }, ...beside];
  writeOwnFiles(directory, files);
  const written = files.map(({ path }) => path);
  const next = nextCommands(directory, { file, files });
  if (words.json)
    return printJson({ ...asJson({ draft, written, next, accepted, toDo }), found, conflicts: together.conflicts });
  process.stdout.write(written.map((path) => `${path}\n`).join(''));
  for (const one of accepted) tell(`accepted for now: ${oneLine(one)}\n`);
  for (const one of toDo) tell(`first: ${oneLine(one)}\n`);
  for (const one of next) tell(`next: ${one}\n`);
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
