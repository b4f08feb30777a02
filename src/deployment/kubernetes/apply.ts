import { UserError } from '../../errors.js';
import { CommandFailed } from '../docker.js';
import type { Kubectl } from '../kubectl.js';
import type { Plan } from '../plan.js';
import type { Report } from '../report.js';
import { NAME } from '../../targets/kubernetes/workload.js';
import { handOverReplicas } from './autoscalers.js';
import type { Manifests } from './manifests.js';
import { listOf, objectsIn, type ClusterObject } from './objects.js';
import { READ_REVISIONS, readRevisions } from './revisions.js';
import type { Deployment } from './sight.js';

export interface Version extends Manifests {
  readonly plan: Plan;
  /** Revision of each secret. */
  readonly secrets: Readonly<Record<string, number>>;
}

/** Asks the cluster whether it would take an output. Throws a `UserError` with everything that it says against it. */
export async function checkVersion(kubectl: Kubectl, { folder }: Manifests): Promise<void> {
  const { stderr, exitCode } = await kubectl.attempt(['apply', '--kustomize', folder, '--dry-run=server']);
  if (exitCode !== 0) throw new UserError(refusals(stderr).map((message) => ({ message })));
}

/** What kubectl says against objects, one line each. */
export function refusals(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('Warning:'));
  const told = lines.map((line) => line.replace(/^(error|Error from server( \(\w+\))?): /, '').trim());
  return told.length === 0 ? ['the cluster refuses the output, and does not say why'] : told.map(refusal);
}

function refusal(line: string): string {
  return `the cluster refuses the output: ${line}`;
}

/**
 * Applies an output, less its Jobs, exactly as `kubectl apply -k` does by hand, so that the same command changes nothing afterwards. Where pods must read
 * another revision of a secret, their template says so in the same step: a second one would roll them twice, or, if it never came,
 * not at all. Where another one than before says how many pods there are, it is told beforehand.
 */
export async function applyVersion(kubectl: Kubectl, version: Version, report: Report): Promise<void> {
  const live = await liveDeployments(kubectl, version);
  await handOverReplicas(kubectl, version, live, report);
  const reading = deploymentsToMark(version, live);
  if (reading.length > 0) {
    await applyObjects(
      kubectl,
      version.objects.filter(({ kind }) => kind !== 'Deployment' && kind !== 'Job'),
    );
    for (const one of reading) await applyMarked(kubectl, one);
  }
  await applyAll(kubectl, version);
}

/** A Job that is not there any more would run again, with the code of then. */
async function applyAll(kubectl: Kubectl, { folder, objects }: Version): Promise<void> {
  const lasting = objects.filter(({ kind }) => kind !== 'Job');
  if (lasting.length === objects.length) await kubectl.run(['apply', '--kustomize', folder]);
  else await applyObjects(kubectl, lasting);
}

async function liveDeployments(kubectl: Kubectl, { objects }: Version): Promise<Deployment[]> {
  const names = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
  if (names.length === 0) return [];
  return objectsIn<Deployment>(
    await kubectl.run(['get', 'deployments.apps', ...names, '--ignore-not-found', '--output', 'json']),
  );
}

export interface Marked {
  readonly object: ClusterObject;
  /** What its template is to say of the revisions of secrets; absent: nothing. */
  readonly mark: string | undefined;
}

/** The Deployments whose template says something else of secrets than it should. */
export function deploymentsToMark(
  { objects, plan, secrets }: Pick<Version, 'objects' | 'plan' | 'secrets'>,
  live: readonly Pick<Deployment, 'metadata' | 'spec'>[],
): Marked[] {
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => ({ object, mark: readRevisions(plan, object.metadata.labels?.[NAME] ?? '', secrets) }))
    .filter(({ object, mark }) => {
      const there = live.find(({ metadata }) => metadata.name === object.metadata.name);
      return there?.spec.template.metadata.annotations?.[READ_REVISIONS] !== mark;
    });
}

/** Applies some objects, as `kubectl apply` does with all. */
export async function applyObjects(kubectl: Kubectl, objects: readonly ClusterObject[]): Promise<void> {
  if (objects.length > 0) await kubectl.run(['apply', '--filename', '-'], { input: listOf(objects) });
}

/** The controller writes the status now and then, and each time makes what was read an old version. */
const TRIES = 5;

/**
 * Writes a Deployment as an apply would, with the mark. Raw: `kubectl replace` would put the mark into the copy of what was last applied,
 * and the next apply, which does not have it, would take it away and roll all pods again.
 */
async function applyMarked(kubectl: Kubectl, { object, mark }: Marked): Promise<void> {
  const { name, namespace = '' } = object.metadata;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  for (let tried = 1; ; tried++) {
    const merged = await kubectl.json<ClusterObject>(['apply', '--filename', '-', '--dry-run=server'], {
      input: JSON.stringify(object),
    });
    const isThere =
      (await kubectl.run(['get', 'deployments.apps', name, '--ignore-not-found', '--output', 'name'])) !== '';
    const args = isThere ? ['replace', '--raw', `${path}/${name}`] : ['create', '--raw', path];
    const input = JSON.stringify(marked(isThere ? merged : asNew(merged), mark));
    const { stdout, stderr, exitCode } = await kubectl.attempt([...args, '--filename', '-'], { input });
    if (exitCode === 0) return;
    if (tried === TRIES || !/\((Conflict|AlreadyExists)\)/.test(stderr))
      throw new CommandFailed(['kubectl', ...args], exitCode, stderr || stdout);
  }
}

/** An object that a dry run has made up, as one that can be created. */
function asNew(object: ClusterObject): ClusterObject {
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _at,
    generation: _g,
    managedFields: _m,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}

/** A Deployment whose pods have read the revisions that `mark` says. */
export function marked(object: ClusterObject, mark: string | undefined): ClusterObject {
  const spec = object['spec'] as Deployment['spec'];
  const { [READ_REVISIONS]: _old, ...annotations } = spec.template.metadata.annotations ?? {};
  const all = { ...annotations, ...(mark === undefined ? {} : { [READ_REVISIONS]: mark }) };
  const { annotations: _all, ...metadata } = spec.template.metadata;
  return {
    ...object,
    spec: {
      ...spec,
      template: {
        ...spec.template,
        metadata: { ...metadata, ...(Object.keys(all).length === 0 ? {} : { annotations: all }) },
      },
    },
  };
}
